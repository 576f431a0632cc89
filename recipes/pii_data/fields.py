"""Names of fields and columns, dozens for each kind of value, and the ways that programs and people write them.

The first names of a kind, before the bar, are the plainest and are in both halves; of the others each half has its own.
"""

from functools import cache

from .maker import Maker
from .splits import Split, part_of, words

_NAMES: dict[str, str] = {
    "name": "name, full name, customer name | contact, contact name, contact person, client, client name, "
    "customer, patient, patient name, employee, employee name, account holder, cardholder, cardholder "
    "name, beneficiary, recipient, ship to name, billed to, attention, guest, guest name, passenger, "
    "passenger name, applicant, applicant name, claimant, insured, policyholder, subscriber, student, "
    "student name, member name, tenant, landlord, owner, registered keeper, driver, author, assignee, "
    "reporter, reviewer, requested by, approved by, signed by, prepared by, created by, manager, "
    "supervisor, emergency contact, next of kin, spouse, guardian, parent, witness, attendee, participant, "
    "candidate, respondent, donor, payee, payer, sender, caller, agent, physician, attending physician, "
    "nurse, referring doctor, display name, real name, legal name, preferred name, person, who, names, "
    "signatory, trustee, plaintiff, defendant, lead, poc, technician",
    "first": "first name, given name | forename, fname, first, given, givenname, christian name, firstname, "
    "nickname, known as, preferred first name",
    "last": "last name, surname | family name, lname, last, sname, lastname, maiden name, second name, mother's "
    "maiden name, family",
    "email": "email, e-mail, email address | mail, contact email, work email, personal email, primary email, "
    "billing email, user email, e-mail address, from, to, reply to, recipient email, notify, login email, "
    "email id, electronic mail, alt email, cc, mailto, email addr, registered email, recovery email, "
    "sender email, customer email, applicant email, correo, courriel, e mail",
    "phone": "phone, telephone, phone number, mobile | tel, cell, cell phone, mobile number, contact number, home "
    "phone, work phone, day phone, daytime telephone, evening phone, fax, office, direct line, whatsapp, "
    "phone no, ph, mob, tel no, contact no, emergency phone, landline, callback number, best number, "
    "msisdn, primary phone, alternate phone, telefon, handy, gsm, hotline, sms number, direct dial, call",
    "street": "street, street address, address line 1 | address1, line 1, addr, addr1, street name and number, home "
    "address, road, house and street, mailing street, billing street, shipping street, residence, strasse, "
    "street 1, delivery address line 1, property address, premises",
    "address": "address, home address, mailing address | postal address, residential address, billing address, "
    "shipping address, delivery address, current address, permanent address, residence, ship to, bill to, "
    "location, registered address, correspondence address, full address, addr, property, site address, "
    "place of residence, domicile, service address, deliver to, previous address, lives at, forwarding "
    "address",
    "city": "city, town | city name, locality, municipality, suburb, place, home town, city/town, place of birth, "
    "birthplace, ort, ville, post town, village, destination, origin city, work location, born in, ship "
    "city, billing city",
    "region": "state, county, region | province, state/province, district, territory, prefecture, canton, "
    "department, administrative area, bundesland, state or region, jurisdiction, governorate",
    "postcode": "zip, postcode, zip code, postal code | post code, zipcode, plz, postal, pin code, eircode, "
    "zip/postal, area code, ship zip, billing zip, cap, cp, postnummer",
    "country": "country | country of residence, nation, country name, country of birth, land, pays, ship country, "
    "billing country, home country, issuing country, country/region, citizenship country, destination "
    "country, based in",
    "coordinates": "coordinates, location | gps, lat long, geo, lat/lng, last seen at, position, geolocation, gps fix, "
    "pickup point, coords",
    "org": "company, employer, organization | organisation, company name, firm, business name, institution, "
    "employer name, workplace, school, university, hospital, facility, clinic, vendor, supplier, client "
    "company, agency, merchant, payee organisation, affiliation, department of, org, business, trading "
    "name, legal entity, issuer, bank name, insurer, current employer, last employer, tenant company, "
    "account name, sponsor, publisher",
    "date": "date | visit date, appointment, appointment date, start date, end date, hire date, date of hire, "
    "admission date, discharge date, joined, last login, created, created at, updated at, signed on, date "
    "signed, effective date, incident date, date of service, due date, booked for, check in, check out, "
    "departure date, arrival, interview date, issue date, expiry date, expiration, valid until, member "
    "since, date of death, termination date, transaction date, last seen, registered on, date of loss, "
    "wedding date, enrolled, modified, completed, dated, on, when",
    "dob": "date of birth, dob, birth date | birthdate, d.o.b., born, born on, birthday, date of birth "
    "(dd/mm/yyyy), birth day, geburtsdatum, bdate, date born, patient dob, birth dt, customer birth date, "
    "child's date of birth, d o b, natal date",
    "age_digits": "age | age (years), current age, patient age, years old, age at visit, yrs, age in years, applicant "
    "age, age at diagnosis, driver age",
    "user": "username, user, login | user name, user id, userid, login name, account, account name, handle, screen "
    "name, uname, usr, nick, nickname, gamertag, twitter, instagram, github, slack, skype, telegram, sam "
    "account name, sso id, login id, operator, owner, author, remote user, profile, db user, service "
    "account, uid, logon, member, steam, discord, xbox, portal login, ssh user",
    "password": "password, pass, pwd | passwd, passphrase, secret, temp password, temporary password, new password, "
    "old password, initial password, default password, wifi password, wpa key, db password, admin "
    "password, pw, login password, root password, passcode, smtp pass, credentials, security answer, "
    "master password, db pass, ftp password, keystore password, kennwort, mot de passe, user pass, one "
    "time password",
    "pin": "pin | pin code, card pin, security code, access code, unlock code, voicemail pin, passcode, door "
    "code, alarm code, atm pin, sim pin",
    "cvv": "cvv, cvc | cvv2, security code, card code, card verification, cvc2, cid, csc, card security code",
    "key": "api key, token, secret key, access token | api token, apikey, secret, auth token, bearer token, "
    "client secret, access key, private key, x-api-key, authorization, refresh token, webhook secret, "
    "signing key, encryption key, session token, aws access key id, aws secret access key, github token, "
    "stripe key, sendgrid api key, slack token, personal access token, license key, sas token, app secret, "
    "csrf secret, jwt, jwt secret, openai api key, npm token, session cookie, deploy token, hmac secret, "
    "consumer key, service key, integration key",
    "ip": "ip, ip address | client ip, remote addr, src ip, source ip, dst, host, server ip, last ip, login ip, "
    "remote ip, from ip, ipv4, ipv6, x-forwarded-for, peer, device ip, gateway, destination, addr, origin, "
    "ip addr, signup ip, nat address, endpoint, registered ip, src, dns server",
    "mac": "mac, mac address | hardware address, hwaddr, ethernet, wifi mac, bssid, device mac, physical address, "
    "mac addr, bluetooth address, station, client mac, lladdr, ether, wlan address",
    "url": "url, website, link | web, homepage, profile, profile url, linkedin, portfolio, callback url, redirect "
    "uri, avatar, photo, referrer, blog, web site, webhook url, site, www, web page, personal page, share "
    "link, reset link, tracking link, web address, endpoint url, meeting link, public profile",
    "card": "card number, credit card, card | cc number, ccnum, pan, credit card number, debit card, payment card, "
    "card no, visa, mastercard, amex, cc, card #, primary account number, payment method, card on file, "
    "debit card number, kreditkarte, corporate card, billing card",
    "card_end": "card ending, last four | card last 4, last 4 digits, ending in, cc last four, card last4, last4, card "
    "suffix",
    "expiry": "expiry, exp, expires | exp date, card expiry, expiration date, valid thru, card exp, good thru, valid "
    "to, exp. date",
    "iban": "iban | iban number, account iban, beneficiary iban, bank account (iban), iban no, recipient iban, "
    "payout iban, sepa account, iban code, kontonummer (iban), debtor iban",
    "account": "account number, bank account | acct, account no, acct no, account #, checking account, savings "
    "account, bank account number, a/c no, a/c, deposit account, beneficiary account, account, acct "
    "number, payroll account, credit to account, direct deposit, konto, from account, to account",
    "routing": "routing number, sort code | routing, aba, aba number, bank routing number, routing transit number, "
    "aba routing, bsb, bank code, rtn, transit, blz, branch code, clearing number",
    "bic": "bic, swift | swift code, swift/bic, bic code, bank identifier, bank bic, swiftcode",
    "wallet": "wallet, wallet address | btc address, bitcoin address, eth address, crypto wallet, deposit address, "
    "payout address, btc, ethereum",
    "ssn": "ssn, social security number | social security, social security no, ss#, soc sec, social, ssn/tin, "
    "employee ssn, soc. sec. no., patient ssn, social security #, taxpayer ssn, ss number, applicant ssn, "
    "spouse ssn, ssn no",
    "natid": "national id, id number | national id number, identity number, identity card, id card number, nin, ni "
    "number, national insurance number, nino, personal id, personal number, citizen id, id no, government "
    "id, sin, social insurance number, aadhaar, aadhaar number, dni, nie, pesel, bsn, personnummer, codice "
    "fiscale, cpf, curp, cnp, oib, pps number, ppsn, id card, national identification number, national "
    "registration number, insee, nir, cpr number, resident id, identification number, id document, "
    "national number, identity no, emirates id, nric",
    "passport": "passport, passport number | passport no, passport #, travel document, travel document number, "
    "passport id, document number, ppt no, pass no, reisepass, visa number, travel doc no, passport num",
    "licence": "driver's license, driving licence, driver license number | license number, licence no, dl, dl number, "
    "dl no, driver id, driving licence number, driver's licence number, driver licence, dln, license, "
    "operator license, drivers lic, permit number, dvla driver number",
    "tax": "tax id, tax number, ein | tin, tax identification number, vat number, vat id, vat, utr, unique "
    "taxpayer reference, employer identification number, tax file number, tfn, abn, gst number, "
    "steuernummer, nif, partita iva, itin, taxpayer id, tax reference, fein, tax no, pan card, fiscal "
    "code, vat reg no",
    "mrn": "mrn, medical record number, patient id | medical record no, nhs number, chart number, hospital "
    "number, patient number, patient no, record number, chart no, med rec #, unit number, health record, "
    "nhs no, hospital no, health card number, uhid, medical id, clinic number, patient identifier, case "
    "record, prescription number, rx number, mr #, health number, accession patient no",
    "insurance": "policy number, insurance id, member id | policy no, insurance number, insurance policy, health plan "
    "id, subscriber id, group number, policy id, health insurance number, insurance member id, beneficiary "
    "id, certificate number, plan id, medicare number, medicaid id, policy #, insurance card no, cover "
    "number, policy, mbi, health plan beneficiary number, insured id, coverage id, versicherungsnummer",
    "plate": "license plate, number plate, plate | plate number, registration, vehicle registration, reg, reg no, "
    "registration number, tag, license plate number, vrm, car reg, vehicle plate, licence plate, "
    "kennzeichen, plate no, tag number, matricule, vehicle reg, rego",
    "vin": "vin, vehicle identification number | vin number, chassis number, chassis no, vehicle id, vin no, "
    "frame number, vin code, chassis",
    "emp": "employee id, employee number, staff id | emp id, employee no, emp no, staff number, personnel number, "
    "badge number, badge, payroll number, worker id, staff no, emp #, payroll id, hr id, associate id, "
    "employee code, personnel no, eid, emp code, crew id, badge id, officer number",
    "cust": "customer id, customer number, client id | customer no, client number, account id, member number, "
    "membership number, loyalty number, client no, cust no, customer ref, customer reference, subscriber "
    "number, frequent flyer, member no, cust id, customer #, donor id, contact id, kundennummer, loyalty "
    "card, patron number, shopper id, library card, consumer number",
    "uid": "user id, uid | account id, customer uuid, userid, user uuid, profile id, member id, contact id, "
    "person id, player id, subject id, user ref, owner id",
}

_NEUTRAL: dict[str, str] = {
    "order": "order id, order number, order no, purchase order, po number, order ref, sales order, booking ref, "
    "work order, order",
    "invoice": "invoice number, invoice no, invoice, invoice id, bill no, receipt number, receipt, document no",
    "ticket": "ticket, ticket id, case number, case id, issue, incident, reference, ref, request number, change "
    "request, job no",
    "tracking": "tracking number, tracking, shipment, consignment, parcel no, awb",
    "sku": "sku, item, part number, product code, article no, model, model number, item code, material no, "
    "catalogue no",
    "version": "version, app version, release, firmware, build, schema version, software version, api version, "
    "revision, sdk version",
    "money": "amount, total, balance, price, subtotal, fee, cost, premium, deposit, rent, salary, tax, shipping, "
    "discount, amount due",
    "count": "quantity, qty, count, points, units, items, views, stock, bytes, duration ms, records, size, rows",
    "small": "floor, priority, retries, line, step, page, dependents, attempts, rank, level, seats, slot, score",
    "percent": "rate, discount rate, completion, cpu, usage, confidence, vat rate, interest, load",
    "request": "request id, trace id, correlation id, span id, session, transaction id, batch, checksum, event id, "
    "etag",
    "commit": "commit, sha, hash, revision, build hash, digest",
    "file": "file, attachment, source, filename, document, script, template",
    "serial": "serial number, serial, device serial, asset tag, meter, lot, batch no, s/n",
    "clock_digits": "time, arrival time, start time, opening, departure, slot time, cut-off",
    "weekday": "day, weekday, delivery day, shift",
    "status": "status, state of order, stage, result, outcome, decision",
    "product": "product, description, item name, product name, line item, service, subject, category, package",
    "note": "notes, comment, remarks, reason, message, details, memo, summary",
    "flag": "active, verified, enabled, opt in, newsletter, subscribed, is admin, paid, archived",
    "room": "room, desk, hall, gate, meeting room, location code, bay",
    "port": "port, listen port, db port, proxy port, smtp port",
    "error": "error code, code, err, reason code, exit code",
}
NEUTRAL_KINDS = tuple(_NEUTRAL)
KINDS = tuple(_NAMES)


@cache
def _names(kind: str, split: Split) -> tuple[str, ...]:
    if kind in _NEUTRAL:
        return part_of(_NEUTRAL[kind].split(", "), split)
    plain, _, others = _NAMES[kind].partition(" | ")
    plainest = tuple(plain.split(", "))
    rest = part_of((other for other in others.split(", ") if other not in plainest), split)
    # Plain names are drawn half as often as all the others together, not once in a dozen.
    return plainest * max(1, len(rest) // (2 * len(plainest))) + rest


def field_name(maker: Maker, kind: str) -> str:
    """A name in small letters with spaces, as somebody would say it."""
    return maker.pick(_names(kind, maker.split))


_PREFIXES = words(
    "customer user billing shipping contact employee patient primary home client account owner old new my"
)


class Naming:
    """How one program or form writes all its field names."""

    def __init__(self, maker: Maker, styles: str) -> None:
        self._maker = maker
        self._style = maker.pick(styles)
        self._prefix = maker.pick(_PREFIXES) if maker.chance(0.12) else ""

    def __call__(self, kind: str) -> str:
        name = field_name(self._maker, kind)
        style = self._style
        if style in "tuls":
            if self._maker.chance(0.02):
                name = f"{self._maker.pick(_PREFIXES)} {name}"
            return {
                "t": name.title().replace("'S", "'s"),
                "u": name.upper(),
                "l": name,
                "s": name[0].upper() + name[1:],
            }[style]
        words = "".join(letter if letter.isalnum() else " " for letter in name).split()
        if self._prefix and self._maker.chance(0.8):
            words = [self._prefix, *words]
        if style == "c":
            return words[0] + "".join(word.title() for word in words[1:])
        if style == "p":
            return "".join(word.title() for word in words)
        if style == "k":
            return "-".join(words)
        if style == "j":
            return "".join(words)
        if style == "d":
            return ".".join((words[0], "_".join(words[1:]))) if len(words) > 1 else words[0]
        return "_".join(words).upper() if style == "U" else "_".join(words)


FORMAL, PROGRAM = "tttsslu", "_____cccppkjUd"
"""Styles of forms (title, small, capitals, sentence) and of programs (snake, camel, Pascal, kebab, joined, dotted)."""
