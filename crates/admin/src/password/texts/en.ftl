# Hints and problems of passwords, wherever one is set.
password-hint = At least { $least } characters. Three or four words that have nothing to do with each other do very well.
password-short = It takes at least { $least } characters: add a word.
password-long = { $most } characters are enough: shorten it.
password-repetitive = These are the same few characters: use some different words.
password-obvious = This is your name or your address: whoever knows you can guess it. Choose another one.
password-common = Words, rows of keys and dates like these are tried first: add something unrelated.
