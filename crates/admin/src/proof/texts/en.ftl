proof-heading = Is it still you?
proof-lede = Before something delicate we ask again. Then not for a quarter of an hour.
proof-go-on = Go on
proof-click = Yes, it is me
proof-wrong = This is not it. Try again.
proof-again = Sign out and in again: who has just come in need not prove it once more.
proof-again-there = Sign in there once more, and come back here.
