"""Sentences without anything private: ordinary prose of many subjects, and what looks private and is not.

The second kind says by its words why: version and order numbers, product and brand-like names, dates of public events,
words that are also names of people or places.
"""

from .maker import RULES, enter_rule

enter_rule(
    "thing",
    """
    kettle
    notebook
    lamp
    bicycle
    carpet
    printer
    window
    drawer
    ladder
    blanket
    radio
    saucepan
    backpack
    fence
    teapot
    camera
    keyboard
    mirror
    shovel
    battery
""",
)
enter_rule(
    "quality",
    """
    small
    heavy
    bright
    old
    quiet
    plain
    wooden
    cheap
    fragile
    noisy
    rough
    smooth
    broken
    useful
    narrow
    warm
""",
)
enter_rule(
    "product",
    """
    Wireless Mouse
    Desk Lamp
    USB-C Cable
    Running Shoes
    Espresso Machine
    Office Chair
    Garden Hose 20m
    Ceramic Mug
    Trail Backpack
    AeroPress Filter
    Oak Shelf
    Noise-Cancelling Headphones
    Cordless Drill
    Phone Case
    Gift Card
    Premium Plan
    Basic Hosting
    Annual Licence
    Winter Tyres
    Yoga Mat
    Victoria Sponge
    Chelsea Boots
    Jersey Sheet
    Oxford Shirt
    Madison Sofa
    Bermuda Shorts
    Charlotte Potatoes
    Granny Smith Apples
    Earl Grey Tea
    Turkey Sandwich
    Summer Dress
    Dusty Rose Candle
    Jack Plug
    Robin Hood Costume
    Phoenix Monitor 27
    Falcon Router X2
    Mercury Thermometer
    Hunter Green Paint
    Brown Sugar 1kg
    Pearl Necklace
""",
)
enter_rule(
    "status",
    """
    active
    pending
    shipped
    closed
    open
    paid
    cancelled
    in progress
    on hold
    failed
    approved
    draft
    returned
    new
""",
)
enter_rule(
    "note",
    """
    leave at the door
    call before delivery
    none
    n/a
    see attachment
    second attempt
    customer was friendly
    waiting for parts
    price to be confirmed
    handle with care
    no answer
    left a message
    duplicate of an earlier ticket
    works as designed
    to be reviewed in May
    will follow up
    mark as done
    ask for the manager
    fits well, thanks
""",
)
RULES["flag"] = ("true", "false", "yes", "no", "Y", "N", "1", "0")

enter_rule(
    "plain",
    """
    The {quality} {thing} stood [next to|behind|under] the {thing2}.
    [It|This] [rained|snowed|was windy] [all morning|for three days|until noon].
    [Stir|Whisk|Fold] the [flour|sugar|butter] into the [bowl|mixture] and [bake|leave it] for {small} minutes.
    [Water|Feed|Prune] the [tomatoes|roses|hedge] [twice a week|in early spring|before the frost].
    The [team|side] [won|lost|drew] {small} to {small2} after [extra time|a slow start].
    [Prices|Rents|Sales] [rose|fell] by {percent} per cent [last year|over the quarter|in {year}].
    [Close|Open|Restart] the [window|application|valve] before you [start|leave|continue].
    The museum [opens|closes] at {clock} [on weekdays|except on holidays].
    [Most|Some|Few] [birds|bees|whales] [migrate|sleep|feed] [at night|in winter|together].
    The function [returns|raises|takes] [a list|an error|one argument] when the [file|key|index] is missing.
    [Light|Sound|Heat] [travels|spreads] faster in [water|metal|air].
    [We|They] [walked|drove|cycled] along the river until the path [ended|split].
    The [second|final|first] chapter [explains|describes|covers] how [bridges|markets|cells] work.
    [Add|Remove] {count} grams of salt and [taste|stir|wait].
    Nobody [knew|noticed|cared] why the {thing} was [missing|{quality}|there].
    [Trains|Buses] [leave|run] every {small} minutes from [platform two|the main square].
    [In my opinion|Honestly|Frankly], the [ending|music|plot] was [weak|lovely|too long].
    A [good|bad] night's sleep [helps|matters] more than [coffee|vitamins].
    The [engine|pump|fan] makes a {quality} noise [at low speed|when cold].
    [Turn|Bear] left at the [lights|roundabout], then [straight on|second right].
    The survey had {count} [respondents|answers], of whom {percent}% [agreed|disagreed].
    [Wash|Dry|Iron] at {spec} [only|inside out].
    [Remember|Try] to [save|back up|print] your work [often|before closing].
    Interest is [calculated|paid] [daily|monthly|at year end] at {percent} percent.
    The [old|new] bridge is {count} metres long and carries [two|four] lanes.
    [Children|Visitors|Dogs] must be [accompanied|kept on a lead|signed in].
    [Everyone|No one] in the room [laughed|was silent|clapped].
    [Mix|Grind] the [spices|beans] [finely|by hand], then set aside.
    [Cats|Foxes|Owls] see [well|better] in the dark.
    The [lecture|concert|course] was [cancelled|postponed] because of the [storm|strike].
    Her [first|last] [novel|album] sold {count} copies in a month.
    [Warm|Cold] [air|water] [rises|sinks], which is why [clouds form|the room feels damp].
    [There is|There was] a {quality} smell of [paint|bread|smoke] in the hall.
    [Paint|Sand|Oil] the {thing} before the weather turns.
    The [committee|board|jury] [met|voted] behind closed doors.
    [Use|Avoid] the [stairs|lift|side door] after {clock}.
    The cache is [cleared|warmed] every {small} minutes, so the page may be stale.
    [Unit tests|The linter|The build] [failed|passed] on the third attempt.
    [Learning|Teaching] [chess|the cello|grammar] takes [patience|years].
    [Tea|Soup|Bread] was [served|passed round] and the [talk|meeting] went on.
    [Make sure|Check] that the {thing} is [dry|level|plugged in].
    [My|Our|Your] {thing} is {quality}, but it [works|will do].
    [He|She|They] did not [say|know|ask] where it came from.
    [What|How] a [day|week|mess]!
    I will [call|write|come] [back|again] [tomorrow|later|next week].
    [Please|Kindly] [reply|confirm|let us know] by [Friday|the end of the day|noon].
    [Thank you|Thanks] for your [patience|order|feedback].
    If you have any [questions|concerns], [just reply|let us know|open a ticket].
    The [warranty|licence|discount] does not [cover|include] [batteries|travel|repairs].
    Neither of the [options|routes|answers] [is|was] perfect.
    One [kilometre|mile|litre] is [about|roughly] {small} [laps|minutes|glasses].
    [Why|When] did the [lights|music|heating] [stop|go off]?
    The [recipe|manual|map] is in the top drawer, under the {thing}.
    [Small|Large] [firms|farms|towns] were hit [hardest|first].
    [Rust|Mould|Dust] had covered the {thing} by the spring.
    [As far as I know|As usual], the [shop|office|library] is shut on [Sundays|Mondays].
    [Half|A third|Most] of the [land|forest|budget] was [lost|saved|unused].
    The {thing} and the {thing2} are sold [separately|together].
""",
)
enter_rule(
    "lookalike",
    """
    [Upgrade|Update|Downgrade] to version [{version}|{quad}] [before|after] {month}.
    [Release|Build|Firmware|Driver version] [{version}|{quad}] [fixes|introduces|removes]
        the [memory leak|new parser|dark theme].
    [Your|The] order {order} [has shipped|was delayed|is ready].
    Order number {order}, [invoice|receipt] {invoice}, total {money}.
    Please quote [reference|ticket|case] {ticket} in all replies.
    [Tracking number|Track it with] {tracking}.
    The [part number|SKU|article number] is {sku}, [not|formerly] {sku2}.
    [Invoice|Credit note|Receipt] {invoice} [is due|was paid|is overdue].
    Commit {commit} [broke|fixes] the build.
    [Request|Trace|Correlation] id {request} [timed out|returned 500].
    The [treaty|constitution|act] was signed on {public_date}[ in front of a large crowd|].
    The [battle|revolution|great fire|earthquake] [began|broke out|struck] on {public_date}.
    The [film|album|console|game] was released [worldwide|] on {public_date}.
    The [election|eclipse|cup final|census] [took place|was held] on {public_date}.
    [Founded|Built|Opened] in {year}, the [museum|station|theatre] was [rebuilt|closed] in {year2}.
    [Public holidays|The fair|Summer time] [begin|begins|starts] on {month} {small}.
    Copyright {year}. All rights reserved.
    See [section|chapter|table|figure|page] {small}.{small2} of the [manual|report|handbook].
    [ISBN|The ISBN is] {isbn}, [paperback|second edition], {count} pages.
    Error {error} [appears|occurs] [on start-up|in line {count}|when saving].
    [Listen|Bind] on port {port}, [not|never] on {port2}.
    The [meeting|talk|exam] is in {room} at {clock}.
    Flight {flight} is [boarding|delayed|cancelled].
    [Serial number|S/N] {serial} is [still under|out of] warranty.
    It costs {money}, [plus|including] shipping.
    The sensor [reads|measured] {percent} [degrees|volts|percent] at {clock}.
    [Windows 11|Ubuntu 22.04|Android 14|iOS 17.2|Python 3.11|Java 17|HTML5|C++20] is [supported|required].
    [ISO 9001|RFC 2616|IEEE 802.11|EN 60601|IEC 61508] [applies|was revised|has a new edition].
    [Will|Could] you [mark|bill|frank] the [letter|page|job] as done?
    [May|March|April|June|August] was [warm|wet|slow] and [sales|yields] [fell|rose].
    [Grace|Hope|Faith|Joy|Patience|Charity] is [a virtue|hard to teach|in short supply].
    The [rose|lily|iris|daisy|poppy|heather|holly|ivy] [flowers|grows] [in May|by the wall|late].
    [The bill|A cheque|Cash|The price] was [paid|raised] [in full|yesterday].
    [Bishop|King|Queen|Knight|Pawn] takes [rook|pawn], then [check|mate].
    A [brown|green|white|black|grey] [fox|wolf|swan|robin|crane] crossed the [field|marsh|brook].
    [Young|Rich|Strong|Long|Sharp] [leaves|soils|winds|grasses|blades] [need|bring] [rain|light|care].
    [Baker|Cook|Mason|Carpenter|Potter|Miller] was [once|then] a common [trade|craft].
    We had [turkey|chili|Danish pastry|Brussels sprouts|French toast|Swiss cheese|Jersey cream] for lunch.
    [Polish|Reading|Nice|Bath|Mobile|Hull|Cork|Buffalo|Split] [is|can be] an ordinary word too.
    Add [basil|rosemary|sage|ginger|olive oil] and [serve|stir].
    [Jack plugs|A Phillips screwdriver|A Bunsen burner|A Stanley knife|Wellington boots|An Oxford shirt]
        will be [needed|provided].
    [Murphy's law|Occam's razor|Bayes' rule|Ohm's law|The Doppler effect|Moore's law] [explains|predicts] it.
    [Parkinson's disease|Alzheimer's|Down syndrome|Crohn's disease] [is|remains] [hard to treat|under study].
    [Ruby|Julia|Ada|Pascal|Haskell|Django|Cassandra|Jenkins|Kafka] [is|was] [installed|slow|easy to learn].
    The [Atlantic|Pacific] [storm|route|cod] [weakened|reopened|recovered].
    [Christmas|Easter|Ramadan|Diwali|Thanksgiving] [falls|fell] on a [Monday|Thursday|Sunday] in {year}.
    Press [Ctrl+C|F5|Enter|Alt] or [type|enter] [quit|help|:wq].
    Room temperature is {percent} degrees; store at {spec}.
    The password [must|should] have at least {small} characters[ and one digit|].
    [The|Your|My] [password|passcode|PIN] is [required|too short|wrong|incorrect|invalid|case sensitive|not shown here|
        optional|about to expire|the same as before].
    [Your|The|My] [password|passcode|PIN] [has expired|was changed|does not work|is not accepted|will be sent by post].
    [Forgot|Lost|Change] your [password|username|PIN]?
    Password: [required|optional|must match|hidden|at least {small} characters|not set]
    [Choose|Pick|Set|Use] a [strong|new|unique|long] [password|passphrase].
    [The passwords|Both passwords|Username and password] [do not match|are required|must differ].
    [Wrong|Incorrect|Invalid] [password|PIN|username or password|API key|token].
    Ask [reception|the office|the host|IT] for the [wifi password|door code|key].
    The [secret|key|trick] is [to stay calm|patience|in the sauce|under the mat|practice|on the hook].
    Passwords are [hashed|salted|encrypted|stored] with [bcrypt|argon2|scrypt|a salt].
    [I|We|They] [forgot|lost|never got] the [password|code|PIN] [again|yesterday|for the archive].
    [A|The] [password|passphrase|token] is [a secret|like a toothbrush|something you know|needed|sent by text message].
    [Set|Changed|Reset] the password [today|last week|through the portal|twice].
    A [driving licence|passport|tax return] is [required|valid for ten years|not needed|enough].
    [Never|Do not] [share|send|write down] your [password|PIN|card number|social security number].
    Enter your [email address|phone number|date of birth|username] [below|to continue|and press Next].
    [Your|The] [API key|passport|licence|account number] can be found [in the settings|on page two|at the back].
    [The|An] IP address [identifies|belongs to] a [device|host] on a network.
    [Name|Email|Phone|Address] is a required field.
    [The name|An email address] must not be empty.
    We [collect|store|delete] names, addresses and [card|phone] numbers [as the law requires|for 30 days].
    [Dear customer|Dear sir or madam|Hi all|Hello everyone], the [office|shop] is closed on {weekday}.
    [Pat|Rob|Sue|Chase|Skip|Nick|Drew] [the dog|a bank|them|the ball|this step|the paint|a map]: all of these are verbs.
    [Amber|Ruby|Jade|Pearl|Violet|Olive|Hazel] is a colour [we no longer stock|for the walls].
    [Mercury|Venus|Mars|Saturn] is [bright|low] in the [west|east] [tonight|at dawn].
    [Model|Type|Size] {sku} [weighs|measures] {spec}.
    [Lot|Batch|Item] {serial} was recalled.
    {count} items, {small} boxes, {percent}% humidity.
    [Team|Group|Class] [Alpha|Bravo|Delta|Blue|A] [meets|plays] in {room}.
    [Project|Operation|Codename] [Falcon|Phoenix|Mercury|Orion|Sierra|Juniper] is [on hold|approved|late].
    Gate {small} closes at {clock}.
    [Scored|Rated] {small} out of 10 by {count} users.
    [Python|Java|Phoenix|Georgia|Jordan|Chad|Victoria] is a [font|framework|trainer|sponge|word] [here|in
        this list], nothing
        more.
    The [CEO|plaintiff|nurse|driver|tenant|customer|patient] [declined|signed|left early].
    [Mom|Dad|Grandma|The boss|My neighbour|The doctor] [called|is ill|said no].
    [North|South|East|West] [wing|gate|wind|side] is [closed|open|strong].
    [Battery|Motion|Light] sensor {serial} reports [OK|LOW|FAULT].
    [Route|Highway|Bus|Line] {small} [is closed|runs late|ends here].
    Chapter {small}: The [Long Winter|Black Swan|Stone Bridge|Young King|Silver Fox]
    [ratio|score|odds] {small}:{small2}, [set|half] {small}-{small2}
    {count} or 2.5e-{small}, [depending on|up to] the [model|sample].
    [SELECT|DELETE|UPDATE] statements [lock|scan] the table.
    [Isn't|Is] the {thing} {quality}? [Will it|Might it|May it] [break|last]?
""",
)
