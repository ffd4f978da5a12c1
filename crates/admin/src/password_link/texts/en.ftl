password-link-title = Choose your password
password-link-lede = { $name }, this link counts once. Sessions that are open elsewhere end.
password-link-choose = Choose this one
password-link-over = This link was used already, or more than a day has passed. Whoever administers the shop makes you another.
password-link-to-sign-in = To the sign-in
