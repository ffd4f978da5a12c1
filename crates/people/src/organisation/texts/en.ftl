organisation-people = { $n ->
    [one] One person you know.
   *[other] { $n } people you know.
}
