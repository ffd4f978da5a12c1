counter-total = { $shown } of { $total }, { counter-hint }
counter-hint = only what you may see
counter-share = Share: { NUMBER($share, style: "percent") }
