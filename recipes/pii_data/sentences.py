"""Sentences in which private values stand, by what they are about; every alternative is drawn for one half only.

Rules are named for what they give: `story` tells of somebody, `ask` is a customer's, `deed` an agent's or a clerk's.
Importing this module fills `maker.RULES`. What is nothing private is in the module `plain`.
"""

from .maker import RULES, enter_rule
from .splits import words

enter_rule(
    "greet",
    """
    Hi {first2},
    Hello {first2},
    Dear {formal2},
    Hey {first2}!
    Dear {full2},
    Good [morning|afternoon|evening] {first2},
    {first2},
    {first2} -
    Hi [all|team|everyone|folks],
    Dear [Sir or Madam|Sir/Madam|Customer Service|Support Team|Hiring Manager|colleagues],
    To whom it may concern,
    Hi [there|again],
    Dear {first2} and {first3},
    Hello {formal2},
    Morning {first2},
    Hey [guys|there|you]
    Greetings {first2},
    @{first2} hi,
    Good day,
    Dear valued customer,
    hi {first2} and team,
    Thanks {first2}.
    Dear Dr. {last2},
""",
)
enter_rule(
    "bye",
    """
    [Best|Kind|Warm] regards,
    [Thanks|Many thanks|Thank you],
    [Cheers|Ta],
    Yours [sincerely|faithfully|truly],
    Best,
    [Regards|With regards],
    All the best,
    Talk soon,
    [Sincerely|Respectfully],
    Thanks in advance,
    Take care,
    Sent from my phone
    Looking forward to hearing from you.
    Have a [great|nice|lovely] [day|weekend],
    xx
    Warmly,
    With gratitude,
    [br|rgds|thx],
""",
)
enter_rule(
    "reason",
    """
    so that we can [finish|complete|close] the [request|paperwork|application]
    because the [old one|previous one|one on file] is out of date
    in case [you need it|anything comes up|they ask|there is a problem]
    as [requested|discussed|agreed on the phone|required by the bank]
    for [your records|the file|verification|identification purposes|the auditors]
    since the [form|portal|website|system] would not accept it
    before the [end of the week|deadline|next meeting|renewal]
    if that [helps|is easier|speeds things up]
    to [confirm|verify|prove] the identity
    while the [claim|dispute|transfer|complaint] is [open|pending|under review]
    after the [move|wedding|merger|accident|renewal]
    until the [new card|replacement|permit] arrives
    as I [mentioned|said|wrote] [before|earlier|last week]
    so the [courier|technician|nurse|agent] can [reach|find] {them}
    as shown on the [scan|attachment|receipt|last statement]
    just to be [safe|sure|clear]
    now that everything has moved
    because of a [typo|mix-up|delay] on our side
""",
)
enter_rule(
    "story",
    """
    {full} [moved|relocated] from {city} to {city2} [in|around] {month_year} [and started working for|to join] {org}.
    {name}, {age}, of {street}, {city}, [was charged with|pleaded guilty to|denied]
        [speeding|shoplifting|careless driving].
    {first} and {first2} [got married|met|were married] in {city} on {date}.
    [After|Following] [a long illness|a short illness], {full}, {age}, [died|passed away] [peacefully at
        home|in hospital] on {date}.
    {full} [has been|was] [promoted to|appointed|named] [head of sales|chief engineer|regional
        manager|treasurer] at {org}.
    [Witnesses|Neighbours|Colleagues] [say|said] {whole} left {street} shortly before midnight.
    {age}-year-old {full} [from|of] {city} won the [regional|annual] [chess|baking|poetry] prize.
    {full} ({age}) [told reporters|said] that {they} would appeal.
    I [met|bumped into|ran into] {full} at [a conference|the market|the gym] in {city} [last week|yesterday|on
        {near_date}].
    {formal} [teaches|taught] [history|chemistry|piano] at {org}, and {first2} was one of {their} pupils.
    {first} [forgot|left] {their} [jacket|umbrella|charger] at {first2}'s place on {street_only}.
    Our neighbour {first} [grew up|was born] in {city}, {country}, and still has a faint accent.
    [Born|Raised] in {city}, {full} studied law before {they} joined {org}.
    {full} was born on {dob} in {city}, {region}.
    {first2} is {first}'s [sister|brother|cousin|business partner|landlord|manager].
    [My|Our] [sister|brother|uncle|boss|dentist] {first} works [at|for] {org} [in|near] {city}.
    {full} and {full2} [founded|started|co-own] {org} in a garage on {street}.
    The [keys|parcel|package] [is|are] with {name} at {address}.
    According to {formal}, the [offer|contract|lease] from {org} was signed on {date}.
    {full} [lives|lived|resides|resided] at {address}.
    {first} turned {age} [on|last] {near_date}.
    Police are looking for {full}, {age}, last seen in {city} driving a silver hatchback with the plate {plate}.
    {name} flew from {city} to {city2} on {date} with passport {passport}.
    [Yesterday|Last Friday|On {date}], {full} of {org} [signed|accepted|rejected] the proposal.
    You can [find|see] {first}'s [work|portfolio|pictures] at {url}.
    {first} [posts|streams|plays] as {user} and has done so for years.
    Send the [flowers|invitation|bill] to {full}, {address}.
    The [mortgage|loan|policy] is in the name of {full}, born {dob}.
    {first}'s [birthday|date of birth] is {dob}, so {they} will be {age} then.
    {full}, who [ran|runs] {org} for two decades, [retired|stepped down] on {date}.
    Nobody had heard from {whole} since {they} left {country} in {month_year}.
    [Judge|Councillor|Captain|Coach] {last} [praised|thanked|dismissed] {full2}.
    {first} rang from {phone} but the line went dead.
    The letter was addressed to {full}, {flat}, {street}, {city} {postcode}.
    {first} wants us to [write|mail] to {email} from now on.
    A certain {name} [called|came by|asked for you] and left a number, {phone}.
    [It was|That was] {first2}, not {first}, who [paid|called|complained].
    {last} [scored|struck] twice as {city} beat {city2}.
    I owe {first} and {first2} an apology.
    [Will|Can|Could|Did] {first} [bring|send|call|finish|forget] [it|the rest|that]?
    {full} inherited the house in {street_only}, {city}, from {their} grandmother {full2}.
    {formal} and {formal2} [sat|stood] on opposite sides of the hall.
    [Ask|Tell|Remind|Thank] {first} about the [keys|tickets|invoice].
    {first2}'s [mother|father|husband|wife], {full}, [worked|volunteered] at {org}.
    [As a child in|During a year in|On a trip to] {country}, {full} learned to [sail|cook|weave].
    The [suspect|victim|driver], identified as {name}, was taken to {org}.
    {full} drives a [grey van|red coupé|blue pickup], registration {plate}, chassis number {vin}.
    {full3}, {full2} and {full} [were elected|joined the board|resigned] on {date}.
    {org} [hired|fired|sued|acquired the shop of] {full}.
    {org} [is based in|opened an office in|left] {city}, {country}.
    Dr. {last} and {their} team at {org} [published|presented] the [results|findings].
    [Nurse|Officer|Agent|Reverend|Professor|Chef] {last} [smiled|nodded|disagreed].
    "{first}," [she|he] said, "[come here|listen|you are late]."
    "I was at {street} all night," {whole} told the court.
    {full} was {age} when {they} [enlisted|emigrated|graduated] and settled in {city}.
    {name} of {city}, {region}, [collects|restores|repairs] clocks.
    The scholarship went to {full}, {age_digits}, a student at {org}.
    {initials} [signed|initialled] every page.
    {indexed} - [absent|present|excused]
""",
)
enter_rule(
    "ask",
    """
    [Please|Could you|Can you please|Kindly] [update|change|correct] my [address|mailing address] to {address}.
    I [have moved|moved] to {address}, please [update|amend] your records.
    My [account|customer|membership] number is {cust} and the [name|account] is under {full}.
    [I am|I'm|im] locked out of my account, my username is {user} and the email is {email}.
    You can [reach|call|text|ring] me [on|at] {phone} [any time after {clock}|during the day|in the evening|].
    [My|The] card {card} [expires|exp|valid until] {expiry}[, cvv {cvv}|, the code on the back is {cvv}|].
    I was [charged|billed] [twice|in error] on my card ending [in|with|] {card_end} on {date}.
    Please [refund|transfer|send] the money to {iban}[ ({org})|, BIC {bic}|, account holder {full}|].
    My [sort code|bank code] is {routing} and my account number is {account}.
    The account is {account}, routing {routing}, in the name of {full}.
    I was born [on|] {dob} and my [social security number|SSN|social] is {ssn}.
    The last four [digits|numbers] of my social are {ssn_end}.
    my password is {passphrase} [but it doesn't work|and it keeps failing|, please reset it|].
    I keep getting an error when I log in as {user} with {passphrase}.
    [The|Our|Your|Her] [new |old |]password is {passphrase}[, all lower case|, don't tell anyone|].
    [The|Our] [wifi|wi-fi|router|guest network] password is {passphrase}.
    [Use|Try|Enter|Type] {passphrase} as the [password|passphrase|passcode].
    I [set|changed|reset] [my|the] [password|passphrase|wifi password] to {passphrase}.
    The [zip file|archive|spreadsheet|PDF] is [protected|encrypted|locked] with {passphrase}.
    [Password|Passphrase] for the [shared drive|laptop|portal|backup] is {passphrase}.
    [Log|Sign] in with [{user}|{email}] and {passphrase}[, then change it|].
    [She|He|They] told me the [passphrase|secret word|password] was {passphrase}.
    The [alarm|safe|gate|door|locker] [code|combination] is {pin}.
    I hired the van on [my|a] [licence|license|driving licence] {licence}.
    [The DMV|The DVLA|The licensing office] [has|lists] me under {licence}.
    [DL|D.L.|Driver's license|Driving licence]: {licence}[, expires {date}|].
    [Can|Could] you [resend|forward] it to {email} instead of {email2}?
    [This is|It's|My name is] {full} [from|with|calling from] {org}.
    I [live|am] in {city}, {country} and [need|want] a [quote|visit].
    My [driver's license|driving licence|licence] number is {licence}, issued in {region}.
    The [car|vehicle] has the [plate|registration|reg|tag] {plate}[ and VIN {vin}|].
    The VIN is {vin}, I read it off the dashboard.
    [My|The] policy [number|no] is {insurance}[, started {date}|].
    I'm travelling on passport {passport}[, issued {date}|, nationality {country}|].
    I am {age} [years old|yrs old|], [retired|self-employed|a student] and live [alone|with my parents] in {city}.
    [My|the] tax [number|id] is {tax}[, registered in {country}|].
    [Here is|Here's|this is] my id number: {natid}.
    I still see a login from {ip} [at {clock}|on {date}|] that was not me.
    The router shows the MAC {mac} and gets {ip} from DHCP.
    My [nhs number|medical record number|patient number] is {mrn} and my [appointment|scan] is on {date}.
    the link {url} [is broken|gives a 404|asks for a password].
    Our api key {key} stopped working [yesterday|after the upgrade|this morning].
    [please|pls] [call|ring|txt] {first} [on|at] {phone}[ or {phone2}|].
    You have the wrong date of birth for {me_or}: it should be {dob}.
    The [one-time code|code|otp] I got was {otp} but it says expired.
    My employee [number|id] is {emp} and I report to {full2}.
    [I signed up|I registered|We registered] with {email}, [handle|nick|user name] {user}.
    [Deliver|Send|Ship] it to {street}, {city} {postcode}[, attention {full}|, c/o {full2}|].
    My [wife|husband|son|daughter|mother|dad] {first2} ([born {dob2}|{age2}|dob {dob2}]) should be added to the
        policy.
    The cheque was made out to {full} and drawn on account {account}.
    Send the [coins|funds|payout] to {wallet}.
    [Name|name] {full}, [phone|tel|mobile] {phone}, [email|mail] {email}.
    {full} here, {street}, {city}. [Where is my order|Still no delivery|When will you come]?
    PIN {pin} [doesn't work|is rejected] at the machine.
    I'm {first}, {age}/[f|m|nb], from {city}.
    it's {first} [btw|again|from accounting|, {first2}'s mum]
    add me: {user} on [steam|discord|insta|snap], or {handle2} on twitter
    Could {whole2} be removed from the booking, {their2} passport is {passport2}.
    [I got|Got] a text from {phone2} claiming to be {org}.
    The wire came from {iban2} with the note "[rent|invoice|gift]".
    [Can you check|Please check|Look up] {indexed}, DOB {dob}?
    Ship to: {full}, {address}. Bill to: {full2}, {address2}.
    My previous address was {address2}; since {month_year} it is {address}.
    [Please cancel|I want to cancel] the card {card} [immediately|today], it was stolen in {city}.
    wifi is {org} guest, pw {passphrase}
    the guest login is {user2} / {passphrase}
    My [ex|flatmate|colleague] {full2} still uses my login {user}.
    [The registered keeper|Keeper] of {plate} is {full}.
    I am the [executor|trustee|guardian] of {full2}, tax reference {tax}.
""",
)
RULES["me_or"] = ("me", "my son {first2}", "my wife", "us", "{first2}", "{full2}")
enter_rule(
    "deed",
    """
    [Verified|Confirmed] identity of {full} via [DOB|date of birth] {dob} and [postcode|zip] {postcode}.
    [Spoke to|Called|Left a voicemail for|Emailed] {name} [at|on] {phone} [re|regarding|about] [the refund|the
        claim|late payment].
    Customer {full} ({cust}) [reports|reported|states] that [nothing arrived|the page is blank|the charge is wrong].
    [Updated|Changed] email from {email} to {email2} [per customer request|at {clock}|].
    [Forwarded|Escalated|Assigned] to {full2} ({email2}).
    [Reset|Issued] temporary password {password} for user {user}.
    [Caller|Customer|Member] gave the [security word|password|memorable word] {passphrase}.
    Licence {licence} of {full} [suspended|endorsed|verified|copied] on {date}.
    [Driver|Renter] {full} [showed|presented] [licence|license] {licence} ({region}).
    Blocked IP {ip} after [five|ten|repeated] failed logins for {user}.
    Refund issued to card ending {card_end}.
    Refund of {money} sent to {iban}.
    [New|Additional] driver: {full}, licence {licence}, DOB {dob}.
    Mailed [a new card|the forms|the contract] to {address}.
    [Met|Interviewed] {full}, [candidate|applicant], {age}, currently at {org}.
    {full2} ([badge|employee|staff no.] {emp2}) took the call.
    The [claimant|insured|member], {full}, policy {insurance}, was contacted on {date}.
    Passport {passport} of {full} checked against the [list|register], no match.
    [Vehicle|Car] {plate} (VIN {vin}) towed from {street} at {clock}.
    Payroll for {full}, {emp}: account {account}, {routing}, tax code on file.
    Account {user} ({email}) [deleted|suspended|merged] on request of {name}.
    SSN {ssn} belongs to {full}, not to {full2}.
    The token {key} was [leaked|revoked|rotated] by {full} on {date}.
    Device {mac} ([owner|user] {whole}) was denied at {ip}.
    [Signed|Witnessed] by {full} and {full2} in {city} on {date}.
    Moved [patient|Mr|Ms] {last} (MRN {mrn}) to [ward|bed] [A|4|7].
    Customer's tax number {tax} [does not validate|was added|matches].
    Record {mrn}: {full}, {age_digits}, seen by {doctor2} on {date}.
    [ID|Id card] {natid} [scanned|sighted|verified] for {full}.
    [Booked|Rescheduled] {whole} for {date} at {clock}.
    {full} gave consent [by phone|in writing] on {date}.
    [Caller|Person] hung up before giving more than the name {first}.
    [Callback|Follow-up] with {first2} [due|scheduled] {near_date}.
    Delivery left with {whole2}, {street2}.
    [Payment|Transfer] from {full}, {iban}, received.
    Cust. {cust} / {last} - [wants callback|moved|deceased]
    Please see {url} for [the profile|her case|the file].
    [Granted|Removed] access for {user} and {user2}.
    {email} bounced, trying {email2}.
    [Confirmed|Noted] home address: {address}.
    Next of kin is {full2}, {phone2}.
    {full} ([employee|worker] {emp}) [started|left|transferred] on {date}.
    The key card of {name} opened the door at {clock}.
""",
)
enter_rule(
    "lead",
    """
    [By the way|Also|One more thing|Oh and|PS|Finally|First of all|For the record|In addition|As
        promised|FYI|Quick note],
    [Just so you know|If you need it|To confirm|Please note|As a reminder|As you asked|Again],
    [Before I forget|While we're at it|On another note|Last thing],
    [So|Well|Right|Okay|OK|Yes|No],
    [According to the form|In our system|On the application|On your site],
""",
)


RULES["owner"] = words(
    "my|my|my|the|our|{first}'s|{full}'s|{their}|his|her|the customer's|the patient's|"
    "the applicant's|the tenant's|the driver's|{first2}'s|the new|the old|your|client's|Mr {last}'s|"
    "Ms {last}'s|the caller's|my husband's|my wife's|my son's|the employee's|his wife's|"
    "her daughter's",
    "|",
)

FACTS = (
    "{owner} FIELD is VALUE",
    "{owner} FIELD [is|was|will be] VALUE [from now on|as of today|since last year|, I think|, if I am not mistaken]",
    "{owner} FIELD: VALUE",
    "FIELD VALUE",
    "{owner} FIELD [should be|ought to be|needs to be|has been changed to|changed to|is now|reads|is "
    "listed as|is recorded as|appears as|shows as] VALUE",
    "[please|kindly|can you|could you] [use|note|take|enter|add|save|register|check|verify|put in] VALUE "
    "[as|for] {owner} FIELD",
    "[we have|I have|they have|there is] VALUE [on file|on record|in the system|written down] [as|for] {owner} FIELD",
    "VALUE is {owner} FIELD",
    "VALUE ({owner} FIELD)",
    "{owner} FIELD (VALUE) [is wrong|has expired|was rejected|does not match|is missing from the form|must "
    "stay confidential|was stolen|leaked]",
    "[update|change|set|correct] {owner} FIELD to VALUE",
    "[the form asks for|they asked for|you wanted|you asked for|here is|here's|this is|attached is|below "
    "is] {owner} FIELD: VALUE",
    "[use|try|it's under|look under|search for] FIELD VALUE",
    "[with|using|under] {owner} FIELD VALUE",
    "{owner} FIELD - VALUE -",
    "FIELD [no longer|not] VALUE[, see below| anymore|]",
    "[they|the bank|the clinic|HR|someone] [confirmed|entered|wrote|read back] VALUE as {owner} FIELD",
    "{owner} FIELD, VALUE, [was|is] [on the back|in the letter|on the envelope|in the attachment]",
    "[do not|don't|never] share {owner} FIELD VALUE with [anyone|anybody]",
    "[is|isn't] {owner} FIELD VALUE?",
    "FIELD = VALUE",
    "FIELD #VALUE",
    "I [forgot|lost] {owner} FIELD but it [starts like|was|might be] VALUE",
    "[what I have|what we have] [for|as] FIELD is VALUE",
    "for {owner} FIELD [write|put|enter] VALUE",
)
"""How a field and its value are said in a sentence; FIELD and VALUE are put in by `prose`."""
FACT_KINDS = words(
    "name email phone address city postcode country org date dob age_digits user password pin key ip "
    "mac url card iban account routing bic wallet ssn natid passport licence tax mrn insurance plate "
    "vin emp cust uid coordinates street region expiry cvv card_end"
)

enter_rule(
    "chat_line",
    """
    hey {first2} u there?
    [yo|hey|hi|sup] @{first2}
    its {first} [lol|btw|here]
    can u send it to {email}
    my [num|number|cell] is {phone}
    [call|text|whatsapp] me {phone}
    im at {street} [rn|now|, come over]
    [we live|I live|moved] in {city} now
    whats ur [email|addy|number]? mine is {email}
    login is {user} pw {passphrase}
    [pw|pass|password|pwd] is {passphrase}
    its {passphrase} [all lowercase|no spaces|with a capital], the [password|wifi] i mean
    netflix pw [is|changed to] {passphrase}
    did {first3} [pay u|call|show up|text back]?
    {first2} [said|says] {first3} is [sick|late|in {city}]
    happy bday {first2}!! [{age}|] 🎉
    bday is {dob}
    add me {handle}
    [dm|msg|ping] {handle2}
    my insta is {user}
    check {url}
    who has {full3}'s [number|email]?
    i think it's {phone2} [but not sure|, try it|]
    iban {iban}
    paypal me at {email}
    sent u [the cash|20 bucks|it] to {account}
    [ok|k|kk|sure|lol|np|yep|nah|thx|omg]
    [brb|gtg|ttyl|cya|gn]
    [on my way|5 min|running late|stuck in traffic]
    lunch [at {clock}|tomorrow|on {weekday}]?
    {first3} works at {org} [now|right|i think]
    the [code|pin] for the door is {pin}
    wifi pw {passphrase}
    [meeting|call] moved to {clock}
    can someone restart {ip}?
    {ip} is [down|not responding|pingable again]
    i rotated the key, new one: {key}
    who is {user2}? keeps pinging from {ip}
    my card got declined again, {card}
    its the visa ending {card_end}
    need ur dob and ssn for the form / {dob} and {ssn}
    I'm {age} [btw|lol|, you?]
    from {city}, {country} hbu
    [ordering pizza|pizza's here], address is {street} right?
    reg is {plate} if the guard asks
    {first2} can you approve ticket {ticket}?
    build {version} is green
    PR #{small} merged, sha {commit}
    anyone from {city} here?
    order {order} still pending
    say hi to {first3} [for me|from us]
    [did you see|saw] {first3}'s post?
    [meet|pick] me [up|] at {org}, {street_only}
    its spelled {spelled}
    customer {cust} called again, {full3}
    passport no is {passport}, exp {expiry}
    😂😂😂
    [haha|hahaha] {first2} ur the best
    tell {first3} i said [hi|no|thanks]
    wait {first3} or {first4}?
    {whole3} from [hr|finance|legal|school]
    emp id {emp}, in case they ask
    [mum|mom|dad|grandma] is at {org} again, room {small}
""",
)
enter_rule(
    "spoken",
    """
    [um|uh|okay|so|yes|sure|yeah], [it's|that's|that would be] {said_phone}
    my [date of birth|birthday] is {said_dob}
    the card number is {said_card}
    [um|uh|sorry|yes] the last name is {last}, that's {spelled}
    {spelled}, {last}
    my email is {spoken_email}
    the social is {said_ssn}
    account number {said_number}
    I'm calling about my [husband|wife|mother|son] {whole2}
    my name is {full}
    this is {first} [speaking|from {org}|]
    I live [at|on] {street} in {city}
    it's {street}, {city}, {state} {postcode}
    I'm {age}, I'll be {age2} in {month}
    the policy number is {insurance}
    [can|could|may] I [speak|talk] to {full2} [please|]
    [thank you|thanks] {formal2}, [one moment|bear with me|let me check that]
    [and|okay and] what is [the|a] [good callback number|zip code|date of birth|spelling of that]
    could you spell that for me
    [I see|okay|mhm|right|got it|perfect]
    and the zip code is {postcode}
    the plate is {plate}
    it's been broken since {month_year}
    I already gave that to [{first3}|the other agent|your colleague {first3}]
    is there anything else I can help you with today
    I moved from {city2} to {city} in {month_year}
    the expiration is {expiry} and the code is {cvv}
    my employee number is {emp}
    [so|well] {first3} told me to call {said_phone2}
    the name on the account is {full2}
    you can read it back to me if you want
    the reference on the letter is {order}
    it says [error|code] {small} on the little screen
    that was on {date}
""",
)
enter_rule(
    "med",
    """
    {age_digits}[-year-old|yo| y/o| year old] [male|female|man|woman|patient] [presents|presented] with [chest
        pain|a persistent cough|low back pain|headache and nausea|a rash].
    [Patient|Pt] {name}, DOB {dob}, MRN {mrn}, [seen in clinic|admitted|reviewed] on {date}.
    [Seen by|Referred by|Discussed with|Attending:] {doctor2}[ of {org}|].
    [Next of kin|NOK|Emergency contact]: {full2} ([wife|husband|daughter|son]), {phone2}.
    {formal} [reports|denies|complains of] [fever|shortness of breath|any allergies|trouble sleeping].
    [Started|Continue|Increase] [metformin|lisinopril|sertraline|ibuprofen|amoxicillin] {small}0 mg
        [daily|bid|twice a day].
    BP 1{small}/8{small}, HR 7{small}, temp 3{percent}, SpO2 9{small}%.
    [Discharged|Transferred] on {date} to {org}.
    Follow up with {doctor3} [in two weeks|on {date}|at {org}].
    Insurance: {org}, member ID {insurance}.
    [Lives|Living] [alone|with {first2}] at {address}.
    [No known drug allergies|NKDA|Allergic to penicillin].
    [Labs|Bloods] from {date} were [unremarkable|within normal limits|repeated].
    Contact [no|number|]: {phone}.
    [Imaging|MRI|CT|X-ray] at {org} on {date} showed [no fracture|mild degeneration|a small effusion].
    [Hx|History] of [Parkinson's disease|Crohn's disease|type 2 diabetes|hypertension|Hodgkin lymphoma],
        [on|since] {month_year}.
    Dictated by {credentialed2}, [transcribed|signed] {date}.
    Pt's [daughter|mother|partner] {first2} was present and [asked|agreed].
    NHS no. {mrn}, GP {doctor3}, {org}.
    [Procedure|Surgery] performed by {doctor2} and {doctor3} on {date}.
    {first} is a {age_digits} y.o. [teacher|driver|retiree] from {city}.
    SSN {ssn} on the face sheet, [policy|group] {insurance}.
    RTC [prn|in 3 months|if worse].
    The patient, {full}, was [oriented|alert|sedated].
    Glasgow Coma Scale 1{small}, Apgar {small}, Braden score 1{small}.
    Mr. {last} walked the corridor with {first3} from physio.
    Email results to {email}.
    {their} [mother|father] died at {age} of [a stroke|cancer|heart failure].
    [Consent|Advance directive] signed {date} by {full2}.
    Driving licence {licence} sighted; [advised not to drive|DVLA informed].
""",
)
enter_rule(
    "law",
    """
    This [Agreement|Lease|Deed|Contract] is made on {date} between {full}, of {address}, and {org}[, a company
        registered in {country}|].
    {full} (the "[Tenant|Borrower|Employee|Licensee]") [agrees|undertakes] to pay {org} the sum of {money}.
    IN WITNESS WHEREOF, {full} has signed this [instrument|deed] at {city} on {date}.
    [The plaintiff|The defendant|The appellant|Petitioner], {full}, [resides|is domiciled] at {address}.
    {org} v. {last}, {court_case}, [decided|filed] {date}.
    I, {full}, born {dob}, holder of passport no. {passport}, [declare|swear] that the above is true.
    I, {full}, identity card {natid}, hereby [appoint|authorise] {full2} [as my attorney|to act for me].
    [The Landlord|The Lender] may be [notified|served] at {email} or {address}.
    Counsel for the [defence|plaintiff]: {full2}, {org}, {phone}.
    [The Parties|Each party] shall keep the terms confidential.
    The rent is payable to {iban} on the first day of each month.
    Section {small}.{small} [shall survive|does not survive] termination.
    [Before me|Notary public]: {full3}, commission expires {date}.
    The [deceased|testator], {full}, late of {street}, {city}, left [a will|no will] dated {date}.
    The vehicle, VIN {vin}, registration {plate}, [is sold as seen|remains the property of {org}].
    [Child|Minor]: {full2}, born {dob2}; [mother|father]: {full}.
    Tax identification number of the [Seller|Buyer]: {tax}.
    {formal} testified that {formal2} was in {city} on {date}.
    The Employee (no. {emp}) shall report to {full2}.
    Judgment was entered against {last} for {money} with costs.
    [Under|Pursuant to] Article {small}, notices go to {full}, {street}, {postcode} {city}.
    Power of attorney no. {small}/{year} was revoked on {date} by {full}.
    Witness statement of {full}, {age}, [driver|nurse|shopkeeper], of {city}.
    Case officer: {full2}, badge {emp2}.
    The claimant's social security number is {ssn}.
    {full}, hereinafter "the Consultant", with bank account {account} at {org}.
""",
)
enter_rule(
    "news",
    """
    {city} - {full} [was named|will become] [mayor|director|head coach] on {weekday}, [officials|sources] said.
    {org} [said|announced] on {weekday} that {full}, {age}, would [resign|take over|join the board].
    [A|One] [resident|witness], {full}, {age}, [heard|saw] [the blast|a flash|smoke] over {city}.
    "[We were lucky|It was dark|I ran]," said {full} of {street_only}.
    [Police|Firefighters] in {city}, {region}, [rescued|questioned] {full} and {full2}.
    The [couple|siblings], {full} and {full2}, [grew|sold] vegetables near {city}.
    {last} [declined to comment|could not be reached|thanked the voters].
    {full} [beat|defeated|drew with] {full2} in [straight sets|the final|overtime].
    [Shares of|Workers at] {org} [fell|walked out|rose] after {formal} spoke in {city}.
    Born in {country}, {last} [came|moved] to {city} at {age}.
    {full} is survived by {their} children, {first2}, {first3} and {first4}.
    [Funeral|Memorial] services will be held at {org}, {street}, {city}, on {date}.
    {org} opened its [first|new] [shop|plant|branch] in {city}.
    The [novelist|violinist|senator|striker] {full} [lives|lived] in {city} with {first2}.
    [Tickets|Details] from {org}, {phone}, or {url}.
""",
)
enter_rule(
    "review",
    """
    [Ask for|We had|Our waiter was|The guide was] {first}, [really friendly|so patient|best ever].
    {first} [at|from] {org} [fixed|sorted|explained] everything in ten minutes.
    {org} in {city} [never again|is a gem|overcharged us|was closed].
    [Stayed|We stayed] at {org} in {month_year}, [room was tiny|lovely view|dirty towels].
    The [owner|manager], {formal}, [yelled at us|apologised|gave us a discount].
    [Call|Phone] {phone} before you go[, {first} answers|].
    DO NOT use {org}!!! {full} took my deposit and vanished.
    [Emailed|I wrote to] {email} three times, no reply.
    Located on {street_only}, right by the station.
    My order {order} took [three weeks|forever], {money} wasted.
    [Great|Terrible|Average] [coffee|service|parking|pillows].
    Thanks to {first} and {first2} for [the tour|your help|the cake].
    [Dr|Dr.] {last} is [gentle|rude|always late].
    Five stars for {first}!
    Version {version} [drains the battery|is much better|crashes].
    We drove from {city} and it was [worth it|a waste of time].
    [Bought|Ordered] two, one arrived broken. {org} refunded {money}.
    I'm {age} and this is the first [phone|tool|bike] I [understand|hate].
    Posted by {user} on {date}
    - {first}, {city}
    Write to {hidden_email} if they ignore you too.
""",
)
enter_rule(
    "meeting",
    """
    [Attendees|Present|Participants]: {full}, {full2}, {whole3}[, {initials}|]
    [Apologies|Absent|Regrets]: {full4}
    [Action|AI|TODO] {first}: [send|draft|review] the [minutes|budget|contract] by {near_date}
    {first2} to [call|email|chase] {org} ([{phone}|{email}])
    {first} [asked|noted|pointed out] that the [budget|roof|deadline] [is tight|slipped|needs work].
    {first2} and {first3} [disagree|will sync] on scope.
    [Decision|Agreed]: move to {version} before {month}.
    Next meeting: {date}, {clock}, {room}
    [Chair|Minutes|Scribe]: {name}
    {org} wants the [demo|offer] in {city}.
    New hire {full4} ({emp}) starts {date}, laptop to {address}
    [Link|Recording]: {url}
    {initials} will [follow up|own this].
    [Q3|Q1] revenue up {percent}%, churn flat.
    Dial-in: {phone}, PIN {pin}
    [Client|Contact]: {full3}, {org}, {email3}
    {formal2} joined at {clock}.
    [Minutes|Notes] by {whole}, {date}
""",
)
enter_rule(
    "cv",
    """
    {full} | {email} | {phone} | {city}
    {org}, {city} — [Senior Engineer|Analyst|Nurse|Team Lead|Barista|Accountant], {month_year} –
        [present|{month_year2}]
    [BSc|MSc|BA|PhD] [Physics|History|Nursing|Computer Science], {org}, {year}
    [Born|Date of birth] {dob} in {city}, {country}
    References: {full2}, {org2}, {email2}, {phone2}
    LinkedIn: {url}
    [Led|Managed|Built] a team of {small} at {org}.
    Languages: English, [Polish|Spanish|German|Hindi] (fluent)
    Portfolio {url2}
    {address}
    [Married|Single], {age_digits}, full [clean|] driving licence
    GitHub: {user}
    [Skills|Tools]: [Python, SQL, Excel|negotiation, first aid|welding, CAD]
    [Reduced|Cut] costs by {percent}% in one year.
    Nationality: citizen of {country}
    [Clean driving|Driving|Driver's] [licence|license] since {month_year}, [no.|number] {licence}
""",
)
enter_rule(
    "travel",
    """
    Booking for {full} and {full2}, {date} to {date2}, {org}, {city}.
    Passenger: {slashed} [MR|MS|MRS]
    Passport {passport}, issued {date}, expires {date2}, {country}
    Flight {flight} {city} - {city2}, {date}, seat {small}A
    [Frequent flyer|Loyalty] {cust}
    Pick-up at {org}, {street}, {city}, [car|plate] {plate}
    Hotel confirmation {order}, check-in {date}
    Emergency contact {full2} {phone2}
    Paid with [Visa|Mastercard] ending {card_end}
    Guest {name}, {room}, arriving {date}, [leaving|departing] {date2}
    Driver {full3}, licence {licence3}, born {dob3}
    Visa [application|holder]: {full}, born {dob} in {city}, {country}
    Contact the host {first2} at {phone2} or {email2}
    Your itinerary: {city} → {city2} → {city3}
    [Wifi|Internet] at the flat: {passphrase}
    [Rental car|Hire car], licence [shown|on file]: {licence}
    Bring {money} in cash for the [tolls|tour].
""",
)
enter_rule(
    "social",
    """
    [Happy birthday|Congrats|RIP|So proud of you] {whole2} [❤️|!!|🎂|]
    [So excited|Can't wait] to [join|start at] {org} in {city}!
    RT {handle2}: [this|so true|lol]
    {handle} {handle2} [thoughts?|look at this|wow]
    [Throwback|TBT] to {city} with {first2} and {first3}
    Anyone know a good [plumber|vet] in {city}? {first2} recommended {org}
    Just turned {age} and [still|already] tired
    [New|My new] [blog post|video]: {url}
    DM me or mail {email}
    Mail me at {hidden_email}
    [Contact|Reach me|E-mail]: {hidden_email} (no spam)
    {full} [is the best|deserves better|for president]
    [Lost dog|Missing cat] near {street_only}, {city}, call {phone}
    [Follow|Add] {handle2} for more
    [Moved|Moving] to {country} [in {month_year}|next month], wish me luck
    shoutout {first2} [at|from] {org} for the help
    [Selling|For sale]: bike, {money}, pick up at {street}, text {first} {phone}
    {user} went live
    my [old|other] account {handle3} got hacked
    Wedding of {first} & {first2}, {date} 💍
    #throwback #{small}days
    [feeling|] [blessed|cute|tired], might delete later
""",
)
enter_rule(
    "signature",
    """
    {full}
    {first}
    {full}\\n[Account Manager|Engineer|Sales|HR Business Partner|Director|Office Manager], {org}
    {full}\\n{org}\\n{phone}\\n{email}
    {full}\\nT: {phone} | E: {email}
    {full}\\n[Tel|Phone|Mobile|M]: {phone}\\n{address}
    {full} | {org} | {phone} | {url}
    {first}\\n\\n--\\n{full}\\n{org}\\n{address_lines}\\n{phone}
    -- \\n{full}\\n{email}
    {first} x
    - {first}
    {initials}
    {full}, {org}\\n{url}
    *{full}*\\n{street}\\n{locality}\\nP: {phone}\\nF: {phone2}
    {credentialed}\\n{org}
    {full} <{email}>
    Dr {last}\\n{org}, {city}
    {full} ({them}/{their})\\n{user} on [Teams|Slack]
    [On behalf of|p.p.] {full2}\\n{full}
    {full}\\n[This e-mail is confidential.|Please think before you print.]
""",
)
enter_rule(
    "subject",
    """
    [Re: |Fwd: |AW: |]{org} [contract|visit|offer]
    [Re: |]Order {order}
    [Your|New] [password|PIN|login details]
    [Change of address|New address] {full}
    [Meeting|Lunch|Call] with {first2} [on {weekday}|]
    [RE: |]{full} - [application|interview|sick note]
    Invoice {invoice} [from {org}|]
    [Urgent|Action required]: [account verification|payroll update]
    [Ticket|Case] {ticket} [updated|closed]
    [Photos|Minutes|Slides] from {date}
    [Question|Reminder|Hello|Documents|(no subject)]
    {city} trip
    [Claim|Policy] {insurance}
    Welcome to {org}, {first}!
    Fwd: {first2} [says hi|needs this]
""",
)
