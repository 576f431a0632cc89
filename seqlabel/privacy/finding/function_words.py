"""Function words of languages, by which a sentence tells its language; nothing is decided here.

Words that English has too, words of names (de, van, von, la, dos, ben) and words of one letter are left out.
"""

_WORDS = {
    "English": (
        "the of and to that it for with this you have be from not are they but his her will would there their what "
        "about which when been has were your can our my she he we them more please thanks"
    ),
    "German": (
        "ist sind und nicht ich wir ihr mich mir dich uns euch sie ihn ihm ein eine einen einem einer das dem mit "
        "auf für über nach bei aus zum wird werden wurde haben habe hatte auch noch schon sehr heute gestern wenn "
        "aber oder weil dass wie wo kann können muss gibt bitte danke mein meine sein seine keine kein wohne "
        "arbeite heiße der des den vom zur beim seit vor unter diese dieser dieses alle sowie durch gegen ohne bis"
    ),
    "French": (
        "est sont nous vous ils elle elles une les dans avec pour sur pas qui que cette ces mais très été avons "
        "avez ont était chez aussi bien mes votre notre leur leurs aux je suis fait merci bonjour il aujourd hier "
        "demain sans sous comme quand appelle habite des"
    ),
    "Spanish": (
        "está están una los las por para con que pero muy más como cuando este esta estos nos ella ellos usted su "
        "sus hay ser era fue han tiene tengo hoy ayer mañana gracias también sin sobre porque desde hasta donde "
        "aquí yo se llamo vivo hace vamos buen"
    ),
    "Italian": (
        "sono una gli che per con non più molto anche come quando questo questa questi della delle dei degli nel "
        "nella alla dal dalla sul siamo hanno ho abbiamo oggi ieri domani grazie perché mio mia suo sua il voi "
        "loro essere stato chiamo abito andiamo"
    ),
    "Dutch": (
        "het een niet ik wij jij hij zij ze zijn heeft hebben met voor naar bij ook nog wel maar als dat deze dit "
        "wordt worden werd vandaag gisteren morgen graag bedankt mijn uw onze geen kan moet wil over uit aan op en "
        "om heet woon gaan"
    ),
    "Portuguese": (
        "está estão uma por para que não mas muito mais como quando este esta nós ela ele você seu sua meu minha "
        "são hoje ontem amanhã obrigado obrigada também sem sobre porque desde até onde aqui eu pelo pela ao chamo "
        "moro"
    ),
    "Turkish": (
        "bir ve bu için ile çok değil daha gibi kadar ama olan olarak yok sen biz siz onlar bugün dün yarın evet "
        "hayır benim senin bizim sizin nasıl neden mı hangi sonra önce lütfen teşekkürler geldi gidiyoruz oldu "
        "hava adım merhaba"
    ),
    "Polish": (
        "jest są nie się że na od dla przez przed po jak ale lub oraz czy tak już tylko bardzo dzisiaj dziś "
        "wczoraj jutro proszę dziękuję mój moja nasz jego jej ich był była było być który która które mamy mam ja "
        "wy ona dzień dobry pogoda"
    ),
    "Vietnamese": (
        "và của là không có được cho với này trong một những các người đã đang sẽ tôi anh chị chúng bạn hôm nay "
        "ngày rất cũng như khi vì nhưng đến từ tại về ra vào thì mà đi làm trời đẹp cái ông bà nhà việc lại lên "
        "xuống sau trước năm tháng nói biết phải theo bị nhiều cả đó nếu vẫn nước thấy bán"
    ),
    "Swedish": (
        "och är att det som inte jag vi på av med till från hade ska kan om eller också mycket idag igår tack mitt "
        "din vår ett han hon oss när där här heter bor"
    ),
    "Danish or Norwegian": (
        "og er det som ikke jeg vi på av af med til fra har hadde havde skal kan om eller også meget mye dag går "
        "takk tak mitt din vår vores han hun dem oss når hvor hedder heter bor"
    ),
    "Finnish": (
        "ja ei se että en hän oli olen olet olemme ovat mutta tai myös kun niin kuin mitä missä nyt tänään eilen "
        "huomenna kiitos minun sinun meidän kanssa tämä hyvin hyvää"
    ),
    "Czech": (
        "je jsou není se že na od pro přes před po jak ale nebo také už jen velmi dnes včera zítra prosím děkuji "
        "můj moje náš jeho její jejich byl byla bylo být který která které máme mám jsem jsme"
    ),
    "Hungarian": (
        "az egy és nem volt hogy ez azt ezt csak már még mint vagy meg nagyon tegnap holnap köszönöm kérem én ti "
        "ők lesz volna ahol amikor itt ott"
    ),
    "Romanian": (
        "este sunt și nu că un pe cu din pentru care mai dar sau foarte când unde astăzi ieri mâine mulțumesc vă "
        "rog meu mea noi voi ei ele avem fost să fi"
    ),
    "Indonesian": (
        "yang dan di ke dari untuk dengan ini itu tidak adalah akan ada saya kami kita anda mereka juga sudah "
        "belum bisa pada dalam atau karena hari sangat terima kasih nama"
    ),
    "Russian": (
        "и не на что это как для по из от мы вы они он она очень сегодня вчера завтра спасибо пожалуйста уже "
        "только или если был была было есть мой моя наш его её их при где когда меня зовут"
    ),
    "Ukrainian": (
        "і не на що це як для та від ми ви вони він вона дуже сьогодні вчора завтра дякую вже тільки або якщо був "
        "була було мій моя наш його її їх при де коли мене звати"
    ),
    "Greek": (
        "και το τα την τον της του στο στη στην με για από είναι δεν ένα μια που θα να πολύ σήμερα χθες αύριο "
        "ευχαριστώ μου σας εμείς όχι αυτό"
    ),
}
FUNCTION_WORDS = {language: frozenset(words.split()) for language, words in _WORDS.items()}
"""The function words of each language."""
