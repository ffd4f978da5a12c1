sign-in-title = Sign in
sign-in-welcome = We are open
sign-in-lede = { $shop }: sign in with your work address.
sign-in-email = Address
sign-in-password = Password
sign-in-enter = Sign in
sign-in-help = Cannot get in? Whoever administers the shop gives you a new password.
sign-in-wrong = Address and password do not match. Check upper and lower case and try again.
sign-in-wait-seconds = Too many tries. You can try again in { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
  }.
sign-in-wait-minutes = Too many tries. You can try again in { $minutes ->
    [one] one minute
   *[other] { $minutes } minutes
  }.
sign-in-out = You are out. Rest well.
sign-in-demo-title = Welcome to { $shop }
sign-in-demo-lede = This is an example company: everything is invented and you can try everything. Who would you like to be?
sign-in-as = Enter as { $name } · { $role }
sign-in-by-password = Or with address and password
sign-in-password-set = The new password counts from now on: sign in.
sign-in-by-other-ways = Nobody signs in by password here: use your passkey or the company’s own service.
sign-in-otherwise = Or in another way
sign-in-with = Sign in with { $name }
sign-in-or = or
sign-in-second-title = One more step
sign-in-second-lede = The password is right. Now show that it is really you.
sign-in-second-help = Lost everything? Whoever administers the shop can reset the second step.
sign-in-code = Code
sign-in-code-hint = The six digits of your app, or one of the recovery codes.
sign-in-recovery-code = Recovery code
sign-in-key-lost = Codes of the app cannot be checked: the shop was restored without its key (bottega.key). Type one of your recovery codes. Without one, whoever keeps the shop says “bottega user reset-second-factor”; then you come in by your password and connect the app anew.
sign-in-code-wrong = This code does not count, or was used already. Wait for the next one and try again.
sign-in-back = Go back
