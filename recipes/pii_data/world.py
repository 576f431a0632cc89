"""Names, places, firms and their locales: the raw lists that values are put together from, each cut into two halves.

Lists of names come from Faker's providers, whole; what Faker makes by formula (streets and plates abroad, national
numbers) is drawn once for each locale, as Faker is slow.
"""

import importlib
import random
from functools import cache
from typing import Any
from zlib import crc32

from .splits import Split, part_of, words

LOCALES: dict[str, int] = {
    "en_US": 300,
    "en_GB": 130,
    "en_CA": 40,
    "en_AU": 40,
    "en_IE": 20,
    "en_NZ": 20,
    "en_IN": 40,
    "de_DE": 25,
    "de_AT": 6,
    "de_CH": 8,
    "fr_FR": 25,
    "es_ES": 20,
    "es_MX": 15,
    "it_IT": 20,
    "nl_NL": 20,
    "nl_BE": 6,
    "pl_PL": 15,
    "pt_PT": 10,
    "pt_BR": 12,
    "sv_SE": 12,
    "da_DK": 12,
    "no_NO": 10,
    "fi_FI": 10,
    "cs_CZ": 8,
    "sk_SK": 5,
    "hu_HU": 7,
    "ro_RO": 8,
    "hr_HR": 6,
    "sl_SI": 4,
    "el_GR": 4,
    "ru_RU": 4,
    "uk_UA": 4,
}
"""Where a text's people live, and how often."""

ENGLISH = tuple(locale for locale in LOCALES if locale.startswith("en_"))
HAS_NATIONAL_ID = words(
    "en_GB en_CA fr_FR it_IT nl_NL pl_PL sv_SE no_NO fi_FI hu_HU ro_RO hr_HR es_MX pt_BR de_AT de_CH nl_BE el_GR"
)

# Where people's names come from, for somebody who lives in an English-speaking country: most of the world.
_ABROAD = words(
    "en_IN en_PK en_KE en_NG de_DE fr_FR es_ES es_MX it_IT nl_NL pl_PL pt_BR sv_SE da_DK no_NO fi_FI "
    "cs_CZ hu_HU ro_RO hr_HR tr_TR is_IS ga_IE yo_NG zu_ZA fr_DZ uz_UZ az_AZ sw id_ID vi_VN lt_LT "
    "lv_LV et_EE"
)
_OTHER_SCRIPTS = words("ru_RU uk_UA bg_BG el_GR ja_JP zh_CN ko_KR ar_SA he_IL hi_IN th_TH")
FAMILY_FIRST = ("hu_HU", "ja_JP", "zh_CN", "ko_KR", "vi_VN")
UNSPACED = ("ja_JP", "zh_CN", "ko_KR")

_ROMANISED_FIRST = words(
    "Wei Fang Xiuying Jing Lei Yang Min Hao Jiahui Zihan Yuxuan Haoran Mingze Yichen Xinyi Meiling "
    "Guowei Zhihao Yiming Ruoxi Shuang Tingting Junjie Kaiwen Lihua Haruto Yuki Sakura Hinata Ren "
    "Aoi Takumi Kenji Hiroshi Naoko Akira Emi Daichi Yoko Satoshi Keiko Ryo Mei Min-jun Seo-yeon "
    "Ji-hoon Hye-jin Dong-hyun Eun-ji Jae-won Soo-bin Minseo Jiwoo Ahmed Mohammed Fatima Omar Layla "
    "Yusuf Aisha Khalid Noura Hassan Mariam Tariq Salma Ibrahim Zainab Karim Rania Bilal Hana "
    "Mahmoud Amina Nasser Samir Dalia Faisal Lina Abdulrahman Huda Rashid Yasmin Dmitri Svetlana "
    "Oleksandr Oksana Nikolai Ekaterina Yevgeny Anastasia Bohdan Larysa Vasyl Iryna Mikhail Tatiana "
    "Bogdan Milica Dragan Jelena Chukwuemeka Adaeze Olumide Ngozi Tunde Folake Kwame Akosua Kofi Ama "
    "Yaw Abena Thabo Nomvula Sipho Lerato Tendai Rutendo Chipo Wanjiru Kamau Achieng Otieno Mwangi "
    "Nguyen Minh Linh Thi Huong Quang Duc Phuong Siriporn Somchai Nattapong Putri Agus Dewi Budi "
    "Siti Nur Arjun Priya Rohan Ananya Vikram Kavya Rahul Deepika Sanjay Meera Aditya Lakshmi Suresh "
    "Pooja Harpreet Gurpreet Manjeet Kiran Nimal Kumari Tenzin Pasang Bishnu Maya Mateo Valentina "
    "Santiago Camila Thiago Luana Joaquin Ximena Leilani Keanu Tane Aroha Wiremu Ngaire Siaosi Sione "
    "Mele Lupe"
)
_ROMANISED_LAST = words(
    "Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Gao Luo Zheng Liang "
    "Xie Tang Feng Deng Ouyang Situ Chan Wong Cheung Lau Leung Ng Tan Lim Goh Koh Teo Ong Tanaka "
    "Suzuki Takahashi Watanabe Ito Yamamoto Nakamura Kobayashi Kato Yoshida Yamada Sasaki Matsumoto "
    "Inoue Kimura Hayashi Kim Lee Park Choi Jung Kang Cho Yoon Jang Lim Han Shin Seo Kwon Al-Farsi "
    "Al-Rashid El-Sayed Haddad Khoury Nasser Mansour Saleh Hamdan Qureshi Siddiqui Chaudhry Malik "
    "Sheikh Ansari Rahman Chowdhury Hossain Ivanov Petrova Kuznetsov Volkova Shevchenko Kovalenko "
    "Bondarenko Tkachenko Petrović Nikolić Horvat Kovač Okafor Okonkwo Adeyemi Adebayo Balogun Eze "
    "Nwosu Mensah Owusu Boateng Asante Osei Dlamini Nkosi Ndlovu Mokoena Khumalo Moyo Ncube Kariuki "
    "Njoroge Odhiambo Wambui Tran Pham Le Hoang Phan Vu Dang Bui Do Ho Ngo Duong Wijaya Santoso "
    "Hidayat Nguyen Sharma Verma Gupta Patel Mehta Iyer Nair Reddy Rao Menon Pillai Chatterjee "
    "Mukherjee Banerjee Singh Kaur Gill Dhillon Perera Fernando Silva Gurung Tamang Thapa Shrestha "
    "Kahananui Kealoha Tuilagi Fonoti Taufa Ngata Parata Kamehameha Dela-Cruz Reyes Bautista "
    "Villanueva"
)
_WORDY_FIRST = words(
    "Will Mark Grace Hope Rose May June April Dawn Faith Joy Ivy Bill Frank Art Rich Pat Chase Miles "
    "Cash Angel Summer Autumn Jack Christian Drew Sky Rusty Dusty Sandy Penny Ruby Pearl Amber "
    "Crystal Jade Olive Hazel Holly Lily Iris Heather Jasmine Violet Basil Herb Clay Cliff Dale Glen "
    "Heath Forest River Brook Rob Sue Don Gene Guy Harry Josh Nick Pierce Ray Rod Skip Ty Victor "
    "Wade Ward Earl Duke Prince Bishop Dean Mason Hunter Carter Tanner Taylor Colt Star Destiny "
    "Harmony Melody Charity Patience Prudence Mercy Blessing Precious Star Dolly Daisy Poppy Bonnie "
    "Robin Wren Jay Lark Bear Wolf Tiger Paris London Austin Dallas Jackson Madison Georgia Virginia "
    "Florence Sydney Chelsea"
)
_WORDY_LAST = words(
    "Brown Young Baker Stone Wood King Page Banks Rivers Case Field Long Short White Black Green "
    "Gray Price Cook Miller Smith Taylor Carter Cooper Fisher Hunter Mason Potter Porter Shepherd "
    "Turner Walker Weaver Bishop Pope Knight Lord Noble Earl Duke Prince Day Weeks Winter Summers "
    "Snow Frost Rains Storm Fox Wolf Hart Lamb Bull Swan Crane Bird Finch Wren Hawk Rose Flowers "
    "Bush Reed Berry Pease Bean Rice Grant Mark Bond Cash Rich Poor Small Little Strong Sharp Swift "
    "Wise Best Good Goodman Love Hope Power Might Will Church Temple House Hall Barn Mill Bridge "
    "Ford Lake Pond Brook Marsh Moor Heath Hill Dale Glen West North East South Gates Wall Street "
    "Lane Rhodes Park Parks Major Sergeant Chance Booker Cross Crisp Curry Waters Wells Early Head "
    "Foot Hand Beard Blood Bone Savage Moody Merry Child Man Shields Arrow Archer Hammer Steel Irons "
    "Silver Gold Diamond Pearl Ash Cherry Plum Peach Lemon Olive Garland Christmas Easter"
)
_INVENTED = (
    (
        words(
            "Bal Cor Dun Fen Gar Hal Kel Lor Mar Nor Pel Quin Ros Sel Tor Val Wen Yar Zan Bre Cal Dra Esk "
            "Fal Gren Hol Isk"
        )
    ),
    (words("a|e|i|o|u|en|ar|ing|er|am|ol|", "|")),
    (
        words(
            "ber dale ford gast grove ham ley man mere mont moor ridge rup sby sen ski son stad stein ston "
            "thorpe vich ward wick worth"
        )
    ),
)


@cache
def provider(kind: str, locale: str) -> Any:
    """Faker's class of lists of a kind, such as `person`, for a locale."""
    return importlib.import_module(f"faker.providers.{kind}.{locale}").Provider


def _listed(kind: str, locale: str, *attributes: str) -> list[str]:
    lists = provider(kind, locale)
    return [str(entry).strip() for attribute in attributes for entry in getattr(lists, attribute, ())]


@cache
def first_names(locale: str, split: Split) -> tuple[str, ...]:
    attributes = ("first_names", "first_names_male", "first_names_female", "first_names_unisex")
    names = [name for name in _listed("person", locale, *attributes) if len(name) > (locale not in UNSPACED)]
    return part_of((name for name in names if "{" not in name), split)


@cache
def last_names(locale: str, split: Split) -> tuple[str, ...]:
    attributes = ("last_names", "unisex_last_names", "male_last_names", "last_names_male", "last_names_without_suffix")
    names = _listed("person", locale, *attributes)
    return part_of((name for name in names if "{" not in name and not name.isdigit() and name), split)


@cache
def romanised(split: Split) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return part_of(_ROMANISED_FIRST, split), part_of(_ROMANISED_LAST, split)


@cache
def wordy(split: Split) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """First and last names that are words of English too."""
    return part_of(_WORDY_FIRST, split), part_of(_WORDY_LAST, split)


@cache
def invented(split: Split) -> tuple[str, ...]:
    """Surnames that nobody has, so that a form and a place in the sentence are learned and not a list."""
    heads, middles, tails = _INVENTED
    return part_of((head + middle + tail for head in heads for middle in middles for tail in tails), split)


def draw_name(rng: random.Random, locale: str, split: Split) -> tuple[str, str, str]:
    """First name, last name, and the locale that they are from."""
    luck = rng.random()
    if luck < 0.03:
        origin = rng.choice(_OTHER_SCRIPTS)
    elif luck < 0.25 and locale in ENGLISH:
        origin = rng.choice(_ABROAD)
    elif locale in ("en_CA", "en_AU", "en_NZ"):
        origin = "en_US" if luck < 0.7 else "en_GB"
    elif locale == "en_IE":
        origin = "en_GB" if luck < 0.7 else "ga_IE"
    else:
        origin = {"de_AT": "de_DE", "de_CH": "de_DE", "nl_BE": "nl_NL"}.get(locale, locale)
    luck = rng.random()
    if origin in _OTHER_SCRIPTS:
        luck = 1.0
    if luck < 0.12:
        first, last = (rng.choice(names) for names in romanised(split))
        return first, last, "romanised"
    first = rng.choice(first_names(origin, split))
    last = rng.choice(last_names(origin, split))
    if luck < 0.20:
        first = rng.choice(wordy(split)[0])
    if 0.16 < luck < 0.26:
        last = rng.choice(wordy(split)[1])
    elif 0.26 < luck < 0.33:
        last = rng.choice(invented(split))
    return first, last, origin


_CITIES = {
    "en_US": "Boston|Chicago|Houston|Phoenix|Denver|Seattle|Portland|Atlanta|Miami|Dallas|Austin|San Diego|San Jose|"
    "San Francisco|Los Angeles|New York|Brooklyn|Queens|Newark|Buffalo|Albany|Rochester|Syracuse|"
    "Pittsburgh|Philadelphia|Baltimore|Richmond|Norfolk|Raleigh|Charlotte|Durham|Columbia|Savannah|Tampa|"
    "Orlando|Jacksonville|Mobile|Birmingham|Nashville|Memphis|Louisville|Lexington|Cincinnati|Cleveland|"
    "Columbus|Toledo|Detroit|Ann Arbor|Lansing|Milwaukee|Madison|Minneapolis|Saint Paul|Duluth|Fargo|Sioux "
    "Falls|Omaha|Lincoln|Kansas City|St. Louis|Tulsa|Wichita|Little Rock|New Orleans|Baton Rouge|Jackson|"
    "El Paso|Santa Fe|Albuquerque|Tucson|Mesa|Las Vegas|Reno|Boise|Salt Lake City|Provo|Cheyenne|Billings|"
    "Spokane|Tacoma|Eugene|Salem|Sacramento|Fresno|Oakland|Berkeley|Pasadena|Long Beach|Anaheim|Honolulu|"
    "Anchorage|Burlington|Concord|Nashua|Providence|Hartford|New Haven|Stamford|Trenton|Wilmington|Dover|"
    "Springfield|Peoria|Rockford|Evanston|Gary|Fort Wayne|South Bend|Des Moines|Cedar Rapids|Plano|"
    "Amarillo|Lubbock|Corpus Christi|Laredo|Bakersfield|Chula Vista|Scottsdale|Naperville|Cedar Falls|"
    "Maple Grove",
    "en_GB": "London|Manchester|Birmingham|Leeds|Liverpool|Sheffield|Bristol|Newcastle upon Tyne|Nottingham|"
    "Leicester|Coventry|Bradford|Hull|Stoke-on-Trent|Derby|Plymouth|Southampton|Portsmouth|Brighton|"
    "Reading|Oxford|Cambridge|Norwich|Ipswich|Exeter|Bath|Gloucester|Cheltenham|Worcester|York|Durham|"
    "Carlisle|Lancaster|Preston|Bolton|Stockport|Edinburgh|Glasgow|Aberdeen|Dundee|Inverness|Perth|"
    "Stirling|Cardiff|Swansea|Newport|Wrexham|Bangor|Belfast|Lisburn|Derry|Milton Keynes|Luton|Watford|"
    "Slough|Guildford|Croydon|Bromley|Harrow|Ealing|Hackney|Camden|Islington|Wigan|Warrington|Chester|"
    "Crewe|Telford|Shrewsbury|Hereford|Lincoln|Grimsby|Scunthorpe|Doncaster|Barnsley|Rotherham|Whitby",
    "en_CA": "Toronto|Montreal|Vancouver|Calgary|Edmonton|Ottawa|Winnipeg|Quebec City|Hamilton|Kitchener|London|"
    "Halifax|Victoria|Windsor|Saskatoon|Regina|Sherbrooke|Kelowna|Kingston|Moncton|Fredericton|Guelph|Red "
    "Deer|Kamloops|Whitehorse",
    "en_AU": "Sydney|Melbourne|Brisbane|Perth|Adelaide|Canberra|Hobart|Darwin|Newcastle|Wollongong|Geelong|Cairns|"
    "Townsville|Toowoomba|Ballarat|Bendigo|Launceston|Mackay|Rockhampton|Bunbury|Fremantle|Parramatta|"
    "Dubbo|Wagga Wagga",
    "en_IE": "Dublin|Cork|Galway|Limerick|Waterford|Drogheda|Dundalk|Swords|Bray|Navan|Kilkenny|Ennis|Tralee|Sligo|"
    "Athlone",
    "en_NZ": "Auckland|Wellington|Christchurch|Hamilton|Tauranga|Dunedin|Napier|Rotorua|Nelson|Invercargill|"
    "Whangarei|Taupo",
}
_CITY_HEADS = words(
    "Ash Birch Black Bram Brent Burn Cal Carl Clay Cold Crow Dun East Elm Fair Fal Fern Glen Green "
    "Hart Hazel High Hol King Lake Lang Lin Long Maple Mill New North Oak Old Pine Red Rock Rose "
    "Sand Silver Stan Stone Swan Thorn Wal West White Win Wood"
)
_CITY_TAILS = words(
    "borough bridge brook bury by combe dale field ford gate ham haven hurst land leigh ley mere "
    "mont mouth port shire side stead ston ton vale view ville water well wick wood worth"
)
COUNTRIES = words(
    "United States|USA|U.S.A.|United Kingdom|UK|England|Scotland|Wales|Northern Ireland|Ireland|"
    "Canada|Australia|New Zealand|India|Germany|France|Spain|Italy|Netherlands|Belgium|Poland|"
    "Portugal|Sweden|Denmark|Norway|Finland|Czech Republic|Hungary|Romania|Croatia|Slovenia|Slovakia|"
    "Austria|Switzerland|Greece|Turkey|Ukraine|Russia|China|Japan|South Korea|Brazil|Mexico|"
    "Argentina|Chile|Colombia|Peru|Egypt|Nigeria|Kenya|Ghana|South Africa|Morocco|Israel|Jordan|"
    "Lebanon|Saudi Arabia|United Arab Emirates|Iran|Iraq|Pakistan|Bangladesh|Sri Lanka|Nepal|"
    "Thailand|Vietnam|Malaysia|Singapore|Indonesia|Philippines|Iceland|Estonia|Latvia|Lithuania|"
    "Bulgaria|Serbia|Malta|Cyprus|Luxembourg|Jamaica|Cuba|Ethiopia",
    "|",
)
HOME = {
    "US": ("United States", "USA", "US"),
    "GB": ("United Kingdom", "UK", "England", "Great Britain"),
    "CA": ("Canada",),
    "AU": ("Australia",),
    "IE": ("Ireland",),
    "NZ": ("New Zealand",),
    "IN": ("India",),
    "DE": ("Germany", "Deutschland"),
    "AT": ("Austria", "Österreich"),
    "CH": ("Switzerland", "Schweiz"),
    "FR": ("France",),
    "ES": ("Spain", "España"),
    "MX": ("Mexico", "México"),
    "IT": ("Italy", "Italia"),
    "NL": ("Netherlands", "The Netherlands", "Nederland"),
    "BE": ("Belgium", "België"),
    "PL": ("Poland", "Polska"),
    "PT": ("Portugal",),
    "BR": ("Brazil", "Brasil"),
    "SE": ("Sweden", "Sverige"),
    "DK": ("Denmark", "Danmark"),
    "NO": ("Norway", "Norge"),
    "FI": ("Finland", "Suomi"),
    "CZ": ("Czech Republic", "Czechia"),
    "SK": ("Slovakia",),
    "HU": ("Hungary", "Magyarország"),
    "RO": ("Romania", "România"),
    "HR": ("Croatia", "Hrvatska"),
    "SI": ("Slovenia",),
    "TR": ("Turkey", "Türkiye"),
    "GR": ("Greece",),
    "RU": ("Russia",),
    "UA": ("Ukraine",),
}
DIALLING = {
    "US": "1",
    "CA": "1",
    "GB": "44",
    "AU": "61",
    "IE": "353",
    "NZ": "64",
    "IN": "91",
    "DE": "49",
    "AT": "43",
    "CH": "41",
    "FR": "33",
    "ES": "34",
    "MX": "52",
    "IT": "39",
    "NL": "31",
    "BE": "32",
    "PL": "48",
    "PT": "351",
    "BR": "55",
    "SE": "46",
    "DK": "45",
    "NO": "47",
    "FI": "358",
    "CZ": "420",
    "SK": "421",
    "HU": "36",
    "RO": "40",
    "HR": "385",
    "SI": "386",
    "TR": "90",
    "GR": "30",
    "RU": "7",
    "UA": "380",
}


@cache
def cities(locale: str, split: Split) -> tuple[str, ...]:
    if locale not in _CITIES:
        drawn = [
            *_listed("address", locale, "cities", "real_city_names"),
            *drawn_values("city", locale, split),
        ]
        return part_of((city.removeprefix("с. ") for city in drawn if 2 < len(city) < 28), split)
    made = [head + tail for head in _CITY_HEADS for tail in _CITY_TAILS if head.lower() != tail and head[-1] != tail[0]]
    known = _CITIES[locale].split("|")
    # Towns that are real, and as many that sound so.
    return part_of(known, split) + part_of(random.Random(locale).sample(made, len(known)), split)


@cache
def regions(locale: str) -> tuple[str, ...]:
    if locale == "en_GB":
        return tuple(_listed("address", locale, "counties"))
    if locale == "en_IE":
        return tuple(f"Co. {county}" for county in _listed("address", locale, "counties"))
    if locale in ("en_US", "en_CA", "en_AU", "en_IN"):
        return tuple(_listed("address", locale, "states", "provinces"))
    return drawn_values("administrative_unit", locale, Split.TRAIN) + drawn_values(
        "administrative_unit", locale, Split.TEST
    )


@cache
def state_codes(locale: str) -> tuple[str, ...]:
    return tuple(_listed("address", locale, "states_abbr", "provinces_abbr"))


@cache
def _faker(locale: str) -> Any:
    from faker import Faker

    return Faker(locale)


@cache
def drawn_values(kind: str, locale: str, split: Split) -> tuple[str, ...]:
    """Values of one of Faker's methods, at most 120; none where the locale lacks it."""
    faker = _faker(locale)
    make = getattr(faker, kind, None)
    if make is None:
        return ()
    faker.seed_instance(crc32(f"{kind} {locale} {split}".encode()))
    values = {" ".join(str(make()).split()) for _ in range(120)}
    return part_of(values, split)


STREET_STEMS = words(
    "Maple|Oak|Elm|Cedar|Birch|Larch|Willow|Chestnut|Hawthorn|Sycamore|Juniper|Poplar|Magnolia|"
    "Laurel|Park|Church|Mill|Station|High|Main|Market|Bridge|Castle|King|Queen|Prince|Victoria|"
    "Albert|Washington|Lincoln|Jefferson|Franklin|Madison|Monroe|Jackson|Adams|Lake|River|Hill|"
    "Valley|Meadow|Spring|Sunset|Sunrise|Ridge|Forest|Garden|Orchard|Vine|Highland|Fairview|Prospect|"
    "Pleasant|Central|Union|Liberty|Grove|School|College|Academy|Chapel|Abbey|Priory|Manor|Priest|"
    "Canal|Harbour|Harbor|Beach|Ocean|Bay|Cliff|Quarry|Tanner's|Baker's|Cooper|Fisher|Shepherd|Ferry|"
    "Dock|Wharf|Railway|Foundry|Brewery|Windmill|Beacon|Tower|Temple|Bishop|Deer Run|Fox Hollow|"
    "Eagle Crest|Quail|Heron|Kingfisher|Swallow|Nightingale|Robin|Copper Beech|Stonegate|Waterloo|"
    "Trafalgar|Wellington|Nelson|Cromwell|Gladstone|Balmoral|Windsor|Sandringham|Osborne|Peachtree|"
    "Magazine|Sacramento|Lexington|Broad|Front|Water|Pearl|Cherry|Walnut|Spruce|Pine|Ash|Alder|"
    "Dogwood|Hickory|Cottonwood|Mesquite|Saguaro|Palmetto|Cypress|Redwood|Sequoia|Wattle|Banksia|"
    "Acacia|Eucalyptus|Kauri|Rimu|MG|Nehru|Gandhi",
    "|",
)
STREET_ENDS = {
    "en_US": "Street|St|St.|Avenue|Ave|Ave.|Road|Rd|Rd.|Drive|Dr|Dr.|Lane|Ln|Court|Ct|Boulevard|Blvd|Way|Place|Pl|"
    "Circle|Cir|Terrace|Trail|Parkway|Pkwy|Highway|Loop|Square|Plaza|Run|Alley",
    "en_GB": "Street|St|Road|Rd|Lane|Close|Avenue|Drive|Gardens|Crescent|Mews|Terrace|Grove|Way|Place|Square|Court|"
    "Hill|Rise|Row|Walk|Parade|Green|View|Park|Wharf|Yard",
}
CORPORATE = words(
    "Inc|Inc.|LLC|Ltd|Ltd.|Limited|PLC|plc|Corp|Corp.|Corporation|Co.|& Co|Group|Holdings|Partners|"
    "GmbH|AG|S.A.|SARL|S.p.A.|B.V.|NV|AB|ApS|Oy|Pty Ltd|LLP|L.P.",
    "|",
)
_FIRM_HEADS = words(
    "Acorn Aero Agri Alta Amber Anchor Apex Aqua Arc Argo Aster Atlas Aura Axis Beacon Blue Bright "
    "Brook Cardinal Cedar Cinder Clear Cobalt Copper Coral Crest Crown Crystal Data Delta Dyna East "
    "Echo Ember Ever Falcon Fern Fire First Flint Fox Frost Gold Grand Granite Green Harbor Hawk "
    "Helio High Horizon Hydro Indigo Inter Iron Ivory Jade Key Lake Lark Lumen Luna Maple Mari "
    "Meridian Metro Mid Moon Nexa Nimbus Nor North Nova Oak Omni Onyx Opti Orbit Orchid Osprey Pace "
    "Para Peak Pine Pioneer Plume Polar Prime Quanta Quill Raven Red River Rock Sable Sage Sierra "
    "Silver Sky Solar Spark Star Sterling Stone Summit Sun Swift Tele Terra Thorn Tide Titan Trident "
    "True Ultra Umbra Union Vale Vanta Vector Verde Vertex Vista Volt West Wild Wind Zen"
)
_FIRM_TAILS = words(
    "bank base bay beam bridge byte care cast core crest dale dyne field flow forge gate gen grid "
    "grove haven labs land leaf light line link logic mark mart mind mont net nova path peak pharm "
    "point port rise scape sense shift soft source span spire stone stream sys tech tide tron vale "
    "vault view ware wave way well wise works worth yard"
)
_FIRM_TRADES = words(
    "Analytics|Architects|Bakery|Bank|Biotech|Builders|Capital|Catering|Cleaning|Clinic|Consulting|"
    "Credit Union|Dental|Design|Dynamics|Electric|Energy|Engineering|Estates|Farms|Financial|Foods|"
    "Freight|Furniture|Garage|Health|Hotels|Industries|Insurance|Labs|Law|Logistics|Marketing|Media|"
    "Motors|Networks|Optics|Outfitters|Pharmacy|Plumbing|Press|Printing|Properties|Publishing|"
    "Recruitment|Roofing|Security|Shipping|Software|Solar|Solutions|Staffing|Studios|Supplies|"
    "Systems|Technologies|Telecom|Textiles|Therapeutics|Toys|Transport|Travel|Utilities|Veterinary|"
    "Ventures|Wines",
    "|",
)
_KNOWN_FIRMS = words(
    "Google|Amazon|Microsoft|Apple|Facebook|Netflix|Tesla|IBM|Intel|Oracle|SAP|Siemens|Bosch|Philips|"
    "Nokia|Ericsson|Samsung|Sony|Toyota|Honda|BMW|Volkswagen|Renault|Airbus|Boeing|Shell|BP|Total|"
    "Unilever|Nestlé|Pfizer|Novartis|Roche|Bayer|AstraZeneca|HSBC|Barclays|Lloyds|Santander|"
    "BNP Paribas|Deutsche Bank|ING|UBS|Citibank|Wells Fargo|Goldman Sachs|JPMorgan|Visa|Mastercard|"
    "PayPal|Walmart|Target|Costco|Tesco|Sainsbury's|IKEA|Zara|Nike|Adidas|Starbucks|FedEx|UPS|DHL|"
    "Verizon|AT&T|Vodafone|Orange|Deloitte|KPMG|Accenture|Infosys|Wipro|Salesforce|Adobe|Uber|Lyft|"
    "Airbnb|Spotify|Slack|Zoom|GitHub|Cigna|Aetna|Allianz|AXA|Aviva|NASA|NHS|BBC|UNICEF|Red Cross|"
    "Oxfam|FIFA|NATO|European Commission|World Bank|Harvard|Stanford|MIT|Oxford University|Yale|"
    "ETH Zürich",
    "|",
)


@cache
def coined_firms(split: Split) -> tuple[str, ...]:
    """One-word names of firms, of which domains are made too."""
    return part_of((head + tail for head in _FIRM_HEADS for tail in _FIRM_TAILS if head.lower() != tail), split)


@cache
def known_firms(split: Split) -> tuple[str, ...]:
    return part_of(_KNOWN_FIRMS, split)


@cache
def trades(split: Split) -> tuple[str, ...]:
    return part_of(_FIRM_TRADES, split)


USER_WORDS = words(
    "sunny dark cool happy lazy crazy silent tiny mighty cosmic pixel ninja tiger panda wolf dragon "
    "shadow storm coffee pizza gamer rider hiker surfer coder hacker wizard knight rocket comet "
    "lunar neon retro turbo blue red green golden silver frosty salty spicy sweet fuzzy sleepy rusty "
    "dusty lucky witty jolly grumpy sneaky swift brave wild urban mellow velvet cactus maple willow "
    "ember raven falcon otter badger koala moose walrus penguin turtle gecko mango kiwi peach waffle "
    "noodle pickle taco bagel muffin biscuit cookie donut guitar piano vinyl chess poker soccer "
    "hockey yoga marathon runner pilot captain doctor baker painter dancer reader dreamer thinker "
    "maker builder trader bandit phantom echo nova zen karma vortex glitch cipher"
)
PASS_WORDS = words(
    "summer winter spring autumn sunshine monkey dragon football baseball princess letmein welcome "
    "iloveyou master shadow qwerty password secret tiger purple orange banana cheese flower "
    "butterfly chocolate cookie pepper ginger buster charlie maggie snoopy mustang harley yankees "
    "liverpool arsenal chelsea hunter ranger thunder freedom whatever trustno starwars pokemon "
    "matrix silver golden diamond crystal angel heaven coffee correct horse battery staple rocket "
    "planet galaxy ocean river mountain forest garden window kitchen pencil blanket pillow lantern "
    "bottle saddle anchor compass marble velvet tulip orchid swordfish dolphin walrus penguin otter "
    "badger hedgehog sparrow falcon panther lobster salmon squirrel elephant giraffe octopus camel "
    "banjo trumpet violin piano drummer ballad tango waltz opera rainbow lightning blizzard tornado "
    "volcano glacier desert island harbour lighthouse bridge castle tower cottage chimney attic "
    "ladder hammer wrench bucket needle button zipper sweater slipper umbrella backpack suitcase "
    "passport ticket station railway tractor scooter bicycle engine piston turbine magnet "
    "biscuit pancake waffle noodle dumpling pickle mustard cinnamon vanilla coconut raspberry "
    "blueberry pineapple avocado spinach pumpkin cucumber broccoli walnut almond hazelnut peanut "
    "wizard goblin pirate knight jester mermaid phantom vampire zombie ninja samurai viking gladiator "
    "comet meteor saturn neptune eclipse nebula quasar photon neutron plasma cobalt copper platinum "
    "sapphire emerald topaz amethyst obsidian granite bamboo cactus clover dandelion lavender "
    "jasmine magnolia willow cedar maple juniper thistle bracken puzzle riddle domino checkers "
    "marathon javelin archery fencing cricket rugby hockey surfing snowboard trampoline grandma "
    "birthday holiday weekend yesterday forever nothing happiness courage wisdom patience mischief"
)
FREE_MAIL = words(
    "gmail.com gmail.com gmail.com yahoo.com outlook.com hotmail.com icloud.com aol.com proton.me "
    "protonmail.com gmx.de web.de yahoo.co.uk btinternet.com live.com msn.com me.com mail.com "
    "orange.fr free.fr libero.it wp.pl seznam.cz zoho.com fastmail.com comcast.net verizon.net "
    "sky.com hotmail.fr yahoo.ca rediffmail.com googlemail.com example.com example.org test.com "
    "tutanota.com"
)
TOP_LEVEL = words(
    "com com com com com org net io co.uk de fr es it nl eu ca com.au ie in ai dev app info biz edu gov health pl se ch"
)


@cache
def user_words(split: Split) -> tuple[str, ...]:
    return part_of(USER_WORDS, split)


@cache
def pass_words(split: Split) -> tuple[str, ...]:
    return part_of(PASS_WORDS, split)


@cache
def street_stems(split: Split) -> tuple[str, ...]:
    return part_of(STREET_STEMS, split)
