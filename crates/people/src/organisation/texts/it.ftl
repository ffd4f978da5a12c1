organisation-people = { $n ->
    [one] Una persona che conosci.
   *[other] { $n } persone che conosci.
}
