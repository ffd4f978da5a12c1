provider-no-journey = This way in was used already, or stayed open too long. Begin again from here.
provider-broken-off = The sign-in service broke it off. Try again, or sign in another way.
provider-unreachable = The sign-in service does not answer as it should. Try again soon, or sign in another way.
provider-untrusted = What the sign-in service answered does not add up, so we do not open. Try again; if it goes on, tell whoever administers.
provider-domain = Only the company’s own addresses come in by that service. Sign out there and come back with your work address.
provider-unverified = The service has not verified your mail address. Verify it there, then try again.
provider-no-account = The service recognises you, but you have no account here. Ask whoever administers.
