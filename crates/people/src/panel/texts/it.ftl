panel-no-fact = Ancora vuoto.
panel-said = Ha già detto
panel-story = Tutta la storia
