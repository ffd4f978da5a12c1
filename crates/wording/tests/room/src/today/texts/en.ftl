-bottega = Bottega
# Above the page; $name is who works.
today-greeting = Good morning, { $name }.
today-waiting = { $n ->
    [0] Nobody waits.
    [one] One person waits for { $name }.
   *[other] { $n } people wait for { $name }.
}
today-title = Today in { -bottega }
today-rule =
    First line,
    second line with "quotes" and { "{braces}" }.
