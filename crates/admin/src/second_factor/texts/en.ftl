second-factor-heading = How you sign in
second-factor-lede = A password can be guessed or coaxed out of you. With one of these two, it alone is no longer enough.
second-factor-must = The company asks everybody for a passkey or an app with codes. Choose one: then the shop opens.
second-factor-app = App with codes
second-factor-app-lede = An app on your telephone shows six new digits every thirty seconds. Any authenticator app will do.
second-factor-begin = Connect an app
second-factor-on = On
second-factor-since = Connected since { $date }. At sign-in it asks you for a code after the password.
second-factor-off = Disconnect the app
second-factor-off-hint = Afterwards the password alone is enough again, unless you have a passkey.
second-factor-scan = Point your app at the picture, then write the six digits that it shows.
second-factor-qr = QR code with the key for your app
second-factor-by-hand = Cannot scan it? Write this key into the app by hand:
second-factor-first-code = The six digits that it shows now
second-factor-first-code-hint = If they do not count, check that the telephone’s time is right.
second-factor-confirm = Done, connect it
second-factor-codes = Recovery codes
second-factor-codes-left = { $count ->
    [0] You have no recovery code left: make new ones.
    [one] You have one recovery code left, for the day on which you lose the telephone.
   *[other] You have { $count } recovery codes left, for the day on which you lose the telephone.
  }
second-factor-codes-renew = Make new codes
second-factor-codes-once = On the day on which you lose the telephone, you come in with one of these. Each counts once, and you see them only now.
second-factor-codes-kept = I have put them away safely
second-factor-codes-print = Print them or write them on paper, and do not keep it beside the computer. Earlier codes no longer count.
second-factor-providers = Other ways in
second-factor-providers-lede = You also sign in with: { $names }.
second-factor-sessions = Where you have opened the shop
second-factor-done-off = The app is disconnected.
