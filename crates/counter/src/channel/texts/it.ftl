channel-by-mail = per posta
channel-by-phone = al telefono
channel-by-counter = di persona
channel-by-form = dal modulo
channel-by-chat = in chat
channel-by-review = in una recensione
channel-by-survey = in un sondaggio
channel-by-post = in un post

channel-language-it = in italiano
channel-language-en = in inglese
channel-language-de = in tedesco
channel-language-fr = in francese
channel-language-es = in spagnolo
channel-language-pt = in portoghese
channel-language-ro = in rumeno
channel-language-nl = in olandese
channel-language-other = nella sua lingua ({ $code })
