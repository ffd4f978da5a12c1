channel-by-mail = by mail
channel-by-phone = on the phone
channel-by-counter = in person
channel-by-form = through the form
channel-by-chat = in chat
channel-by-review = in a review
channel-by-survey = in a survey
channel-by-post = in a post

channel-language-it = in Italian
channel-language-en = in English
channel-language-de = in German
channel-language-fr = in French
channel-language-es = in Spanish
channel-language-pt = in Portuguese
channel-language-ro = in Romanian
channel-language-nl = in Dutch
channel-language-other = in their language ({ $code })
