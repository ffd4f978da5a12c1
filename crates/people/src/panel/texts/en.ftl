panel-no-fact = Still empty.
panel-said = Already said
panel-story = The whole story
