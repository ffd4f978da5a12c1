voice-score = { $score } out of { $most }
