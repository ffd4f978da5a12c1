voice-score = { $score } su { $most }
