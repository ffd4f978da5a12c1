counter-total = { $shown } di { $total }, { counter-hint }
counter-hint = solo ciò che puoi vedere
counter-share = Quota: { NUMBER($share, style: "percent") }
