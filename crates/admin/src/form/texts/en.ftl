form-email-wrong = This does not look like a mail address: check the at sign and the domain.
