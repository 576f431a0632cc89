"""Texts of all trades about nobody: code, logs, settings, tables, manuals, recipes, notes, sums, reviews.

Nothing in them is private; only times in logs are labelled, as they are in all logs.

Sentences without anything private that stand among others are in the module `plain`; this one has whole texts, so that
a labeler learns what programs, machines, kitchens and wards write when they write about nobody.
"""

from collections.abc import Callable
from dataclasses import dataclass

from .maker import Maker, Pieces, enter_rule, enter_value
from .splits import part_of, words

_NOUNS = words(
    "buffer cache queue worker parser token stream index cursor batch handler router session socket thread lock "
    "mutex channel frame packet header payload schema table column row field record entry node tree graph edge "
    "vertex path file folder archive bundle module plugin driver device sensor motor valve pump filter engine "
    "gauge meter panel button slider widget window dialog canvas layer pixel shader texture mesh scene camera "
    "light sound track sample codec bitrate segment chunk block page sector volume mount backup snapshot replica "
    "shard cluster region zone gateway proxy tunnel bridge switch port pin bus clock timer counter budget quota "
    "limit threshold ratio weight score rank metric event alert rule policy trigger hook pipeline stage step job "
    "task build release branch commit patch diff merge tag label title caption footer margin border anchor corner "
    "matrix vector tensor gradient kernel epoch loss seed vocabulary surrogate encoder decoder head layout "
    "template theme locale currency invoice basket checkout shipment parcel pallet shelf aisle recipe ingredient "
    "oven ring circle square angle radius"
)
_VERBS = words(
    "get set load save read write parse format render draw open close start stop pause resume flush drain fill "
    "push pop peek merge split join sort filter map reduce fold scan find match replace update insert delete "
    "remove add append prepend copy move rename resize scale rotate shift clamp round encode decode compress "
    "expand encrypt hash verify check validate retry cancel schedule dispatch emit notify listen bind connect "
    "send receive accept reject fetch sync build compile link install deploy release revert bump fix drop tidy "
    "rewrite speed skip ignore allow deny log"
)
_QUALITIES = words(
    "stale empty missing broken flaky slow fast large small nested lone duplicate unused deprecated hidden "
    "optional default global local remote shared atomic lazy eager async raw pretty strict loose partial final "
    "initial pending active idle dirty clean valid invalid unknown internal external public protected virtual "
    "static dynamic"
)
_SOFTWARE = words(
    "nginx redis kafka postgres mysql sqlite docker kubelet systemd dbus udev grub ahci ext4 xfs btrfs nfs samba "
    "cups ssh rsync cron ntpd chronyd dnsmasq iptables nftables bluez alsa pulse pipewire wayland xorg mesa "
    "vulkan cuda numpy pandas scipy torch keras spark flink airflow celery gunicorn uvicorn flask fastapi rails "
    "webpack vite eslint babel pytest mypy ruff tox maven gradle junit mockito spring hibernate log4j netty jetty "
    "tomcat envoy istio helm terraform ansible puppet vault consul etcd grafana prometheus loki jaeger sentry "
    "prettier rollup rustc cargo serde tokio clippy golang gofmt cmake ninja bazel llvm clang gcc gdb valgrind "
    "perf strace openssl libpng zlib"
)
_FOODS = words(
    "bacon onions garlic leeks carrots parsnips potatoes lentils chickpeas beans rice pasta noodles polenta "
    "couscous spinach kale cabbage fennel celery courgettes aubergines peppers tomatoes mushrooms squash beetroot "
    "radishes cheddar feta mozzarella ricotta butter cream yoghurt buttermilk eggs flour oats sugar honey treacle "
    "molasses vanilla cinnamon cumin paprika turmeric coriander thyme sage dill oregano rosemary parsley basil "
    "chives nutmeg prawns mussels oysters haddock salmon mackerel chorizo sausages lamb brisket tofu tempeh "
    "almonds walnuts hazelnuts raisins dates figs plums apricots rhubarb gooseberries lemon lime tahini miso "
    "harissa pesto stock vinegar mustard"
)
_MATERIALS = words(
    "steel aluminium brass copper bronze oak ash beech pine bamboo plywood nylon cotton linen wool felt silk "
    "denim leather rubber silicone glass ceramic slate granite marble concrete plaster vinyl acrylic polyester "
    "graphite"
)
_COLOURS = words(
    "anthracite ivory charcoal navy teal crimson scarlet amber ochre mustard olive sage emerald jade turquoise "
    "azure indigo violet mauve plum magenta coral salmon peach beige sand taupe walnut chestnut silver gold matt "
    "clear"
)
_PRODUCTS = words(
    "kettle toaster blender grinder whisk ladle colander skillet casserole mug tumbler carafe lamp lantern torch "
    "candle bulb socket plug adapter charger cable keyboard mouse monitor webcam headset speaker microphone "
    "tripod lens drone rucksack tent stove sleeping-bag bottle helmet pannier saddle pedal tyre pump mudguard "
    "lock ladder drill sander saw chisel spanner vice clamp hinge screw bolt washer bracket shelf drawer stool "
    "bench cushion curtain rug towel"
)
_BODY = words(
    "liver kidney spleen pancreas gallbladder lung pleura trachea aorta femur tibia fibula humerus radius ulna "
    "scapula clavicle sternum pelvis sacrum meniscus ligament tendon retina cornea lens cochlea sinus tonsil "
    "thyroid larynx oesophagus stomach duodenum colon rectum bladder ureter prostate uterus ovary cervix skin "
    "scalp nail abdomen chest"
)
_FINDINGS = words(
    "oedema erythema effusion atelectasis consolidation nodule cyst fibrosis calcification stenosis fracture "
    "hydronephrosis diverticula hernia ulcer polyp plaque lesion haematoma bruising tenderness swelling lethargy "
    "jaundice pallor dyspnoea wheeze crackles murmur tachycardia bradycardia hypertension hypotension anaemia "
    "sepsis neutropenia proteinuria haematuria nausea vomiting diarrhoea constipation vertigo tinnitus syncope "
    "delirium"
)
_DRUGS = words(
    "metformin ramipril amlodipine bisoprolol atorvastatin simvastatin omeprazole lansoprazole paracetamol "
    "ibuprofen naproxen codeine morphine tramadol gabapentin amitriptyline sertraline citalopram diazepam "
    "lorazepam furosemide spironolactone warfarin apixaban clopidogrel salbutamol prednisolone levothyroxine "
    "insulin amoxicillin doxycycline flucloxacillin trimethoprim nitrofurantoin ciprofloxacin aciclovir "
    "fluconazole ondansetron cetirizine loratadine"
)
_MACHINES = words(
    "fuser drum feeder hopper conveyor spindle chuck gearbox bearing flywheel impeller compressor condenser "
    "evaporator thermostat solenoid actuator relay fuse breaker busbar inverter rectifier transformer stator "
    "rotor coupling flange gasket manifold nozzle injector throttle clutch caliper axle strut damper jumper "
    "terminal housing bracket"
)


def _listed(entries: tuple[str, ...]) -> Callable[[Maker, int], str]:
    return lambda maker, number: maker.pick(part_of(entries, maker.split))


for _name, _entries in (
    ("noun", _NOUNS),
    ("verb", _VERBS),
    ("trait", _QUALITIES),
    ("soft", _SOFTWARE),
    ("food", _FOODS),
    ("stuff", _MATERIALS),
    ("colour", _COLOURS),
    ("goods", _PRODUCTS),
    ("body", _BODY),
    ("finding", _FINDINGS),
    ("drug", _DRUGS),
    ("part", _MACHINES),
):
    enter_value(_name)(_listed(_entries))


def _some(maker: Maker, low: int, high: int) -> list[str]:
    kinds = (_NOUNS, _NOUNS, _VERBS, _QUALITIES)
    return [maker.pick(part_of(maker.pick(kinds), maker.split)) for _ in range(maker.number(low, high))]


@enter_value("snake")
def snake(maker: Maker, number: int) -> str:
    return maker.pick(("_", "_", "_", "-")).join(_some(maker, 1, 3))


@enter_value("camel")
def camel(maker: Maker, number: int) -> str:
    first, *rest = _some(maker, 1, 3)
    return first + "".join(map(str.title, rest))


@enter_value("kind")
def kind(maker: Maker, number: int) -> str:
    """The name of a class."""
    ending = maker.pick(("", "", "", "Error", "Exception", "Factory", "Service", "Impl", "Test", "Handler"))
    return "".join(map(str.title, _some(maker, 1, 2))) + ending


@enter_value("dotted")
def dotted(maker: Maker, number: int) -> str:
    """A module's or a package's name."""
    head = maker.pick(("", "", "com.", "org.", "net.", "io.", "java.", "src.", "app.", "lib."))
    return head + ".".join(_some(maker, 2, 3))


@enter_value("constant")
def constant(maker: Maker, number: int) -> str:
    return "_".join(_some(maker, 1, 3)).upper()


@enter_value("source")
def source(maker: Maker, number: int) -> str:
    """A source file."""
    folder = maker.pick(("", "", "src/", "lib/", "tests/", "app/", "/usr/lib/", "./", "internal/", "pkg/"))
    return folder + "_".join(_some(maker, 1, 2)) + maker.pick(words(".py .js .ts .go .rs .c .h .cc .java .rb .sh .yml"))


@enter_value("line")
def line_number(maker: Maker, number: int) -> str:
    return str(maker.number(1, maker.pick((9, 99, 999, 9999))))


@enter_value("digit")
def digit(maker: Maker, number: int) -> str:
    return maker.form("%")


@enter_value("pulse")
def pulse(maker: Maker, number: int) -> str:
    return str(maker.number(20, 220))


@enter_value("short_hash")
def short_hash(maker: Maker, number: int) -> str:
    return maker.form(maker.pick(("~~~~~~~", "~~~~~~~~", "~~~~~~~~~~", "~~~~~~~~~~~~")))


@enter_value("hexes")
def hexes(maker: Maker, number: int) -> str:
    return "0x" + maker.form(maker.pick(("~~", "~~~~", "~~~~~~", "~~~~~~~~", "~~~~~~~~~~~~")))


@enter_value("seconds")
def seconds(maker: Maker, number: int) -> str:
    return maker.form(maker.pick(("#.######", "##.######", "###.###", "####.######")))


@enter_value("slot")
def slot(maker: Maker, number: int) -> str:
    """Where a device is."""
    return maker.form(
        maker.pick(("0000:0~:##.#", "0000:~~:0#.0", "usb #-#", "usb#-#.#", "sda#", "nvme0n#", "eth#", "ttyS#"))
    )


@enter_value("measure")
def measure(maker: Maker, number: int) -> str:
    amount = maker.pick((str(maker.number(1, 999)), f"{maker.number(0, 99)}.{maker.number(0, 9)}", maker.form("%##0")))
    unit = maker.pick(
        words("mm cm m km g kg mg ml l s ms min h W kW V A mA Hz kHz MHz dB bar psi Nm rpm °C °F % px MB GB GiB lux N")
    )
    return amount + maker.pick(("", " ", " ")) + unit


@enter_value("sum")
def total(maker: Maker, number: int) -> str:
    """An amount without its currency."""
    return maker.form_of("%.##|%#.##|%##.##|%,###.##|%#,###.##|%.###,##|%#.###,##|%#,##|%## ###,##|%##.00|%#.50")


@enter_value("article")
def article(maker: Maker, number: int) -> str:
    """An article's or an error's code."""
    return maker.form_of(
        "E-####|E####|W###|ERR_####|F##|A-##|??-####|????-##|?-##|##-####-?|??##|X###|#####-#|?###-##|P0###|0x##"
    )


@enter_value("stars")
def stars(maker: Maker, number: int) -> str:
    full = maker.number(1, 5)
    return maker.pick(("★" * full + "☆" * (5 - full), "★" * full, f"{full}/5", f"{full} stars", "*" * full))


@enter_value("ratio")
def ratio(maker: Maker, number: int) -> str:
    return f"{maker.number(1, 199)}{maker.pick(('/', ':', '-', ' to ', ' x '))}{maker.number(1, 99)}"


enter_rule(
    "change",
    """
    {verb} {trait} {noun}[ in {source}|]
    {verb} the {noun} before the {noun2} [is|was] [ready|closed|flushed]
    [fix|fixes|fixed] [a|the] {trait} {noun} [on|in|of] {soft}
    [feat|fix|docs|ci|chore|refactor|perf|test|build][({noun})|]: {verb} {trait} {noun2}
    [feat|fix|docs|ci|chore|refactor|perf|test]: {verb} the {noun} and its {noun2}
    bump {soft} [from {version} |]to {version2}
    Merge branch '[fix|feature|release]/{snake}'[ into main|]
    Merge pull request #{line} from [feature|fix]/{snake}
    Revert "{verb} {noun}"
    remove {trait} {noun} and {trait2} {noun2}
    [never|don't|do not] {verb} an [empty|unknown] {noun}
    speed up `{camel}` by {percent} %
    typo
""",
)
enter_rule(
    "machine_line",
    """
    \\[{seconds}\\] {soft} {slot}: {trait} {noun}, {measure}
    \\[    {seconds}\\] {soft}: {noun} {line} [ready|registered|disabled|up], {noun2} {hexes}
    \\[{seconds}\\] {slot}: \\[{hexes}\\] type 00 class {hexes2}
    \\[{seconds}\\] watchdog: [BUG|WARN]: {trait} {noun} - CPU#{small} stuck for {small2}s!
        \\[{soft}/{small}:{small2}\\]
    {soft}\\[{line}\\]: {verb} {noun} [failed|done|skipped]: {trait} {noun2}
    {soft}: {measure} {noun}, {measure2} {noun2}
    systemd\\[1\\]: [Started|Stopped|Reloading|Starting] {soft}.service - {trait} {noun} {noun2}.
    level=[info|warn|debug|error] [svc|component|logger|module]={noun} msg="{verb} {noun2}" [took|elapsed]={measure}
    \\{"ts":"{timestamp}","[lvl|level]":"[INFO|WARN|DEBUG]","[svc|service]":"{noun}","msg":"{verb} {trait}
        {noun2}","ms":{line}\\}
    {timestamp} [INFO|WARN|DEBUG|TRACE] \\[{camel}\\] {dotted} - {verb} {noun} {line}/{line2}
    {clock_digits} {constant} {noun}={line} {noun2}={percent}
    [GET|POST|HEAD] /[{noun}|{noun}/{line}|{snake}.txt|static/{snake}.css|robots.txt|favicon.ico]
        [200|204|304|404|500] {line}
    {soft}: warning: {trait} {noun} '{camel}' \\[-W{snake}\\]
    {source}:{line}:{small}: [error|warning|note]: {trait} {noun} '{snake}'
    {source}: {small} [passed|failed|skipped] in {measure}
    PASS {source} ({measure})
    npm [WARN|ERR!] {snake}@{version}: {trait} {noun}
    Step {small}/{small2} : RUN {verb} {source}
    {constant}: {trait} {noun} at {hexes} (rip {hexes2})
    kernel: {slot}: {trait} {noun} entered {trait2} state
    dhcpd\\[{line}\\]: {trait} {noun}
    crond\\[{line}\\]: ({soft}) CMD ({source})
    make\\[{small}\\]: *** \\[{source}\\] Error {small2}
""",
)
enter_rule(
    "frame_line",
    """
    [    |  ]at {dotted}.{kind}.{camel}({kind}.java:{line})
    at {dotted}.{kind}.lambda${camel}${small}({kind}.java:{line})
    at java.base/java.lang.Thread.run(Thread.java:{line})
    [  |    ]File "{source}", line {line}, in {snake}\\n[      |    ]{snake2} = {camel}({snake3})
    [  |    ]File "{source}", line {line}, in {snake}\\n[      |    ]raise {kind}(f"{trait} {noun}: \\{{snake2}!r\\}")
    at {camel} ({source}:{line}:{small})
    at async {kind}.{camel} ({source}:{line}:{small})
    {source}:{line} +{hexes}
    #{small} {hexes} in {camel} ({snake}=[{hexes2}|{line}]) at {source}:{line}
    {dotted}.{camel}(...)\\n[    |        ]{source}:{line} +{hexes}
    [  |    ]{small}: {snake}::{snake2}::{camel}\\n[      |    ]       at {source}:{line}
    Caused by: {dotted}.{kind}: {trait} {noun} after {line} ms
""",
)
enter_rule(
    "failure_line",
    """
    {dotted}.{kind}: {trait} {noun} [after {line} ms|in {camel}|]
    {kind}: {trait} {noun}, expected {noun2}
    [ValueError|TypeError|RuntimeError|KeyError|AssertionError]: [{trait} {noun}|'{snake}'|unsupported operand
        for {camel}]
    panic: runtime error: {trait} {noun} \\[{small}\\] with length {small2}
    thread 'main' panicked at '{trait} {noun}', {source}:{line}:{small}
    Uncaught {kind}: {camel} is not a function
    Segmentation fault (core dumped)
    error\\[E0{line}\\]: {trait} {noun}
    io.netty.channel.{kind}: refCnt: 0, decrement: 1
""",
)
enter_rule(
    "code_line",
    """
    def {snake}({noun}, {noun2}=[None|{small}|True]):
    [    |  |        ]return \\[{noun} for {noun} in {snake} if {noun}.{snake2}\\]
    [    |  |        ]for {noun}, {noun2} in zip({snake}, {snake}\\[{small}:\\]):
    [    |  |        ]if not {snake}: raise {kind}("{trait} {noun}")
    [    |  |        ]{snake}.{verb}({noun}, {noun2})
    [    |  |        ]self.{snake} = {kind}({noun}={line}, {noun2}="{trait}")
    @[property|staticmethod|pytest.mark.slow|lru_cache(maxsize={line})]
    import {soft}
    from {dotted} import {kind}, {camel}
    assert {camel}({small}) == {line}
    const {camel} = await {noun}.{verb}(`/{snake}/$\\{{noun2}\\}`);
    [  |    ]if (!{noun}.ok) throw new Error("{trait} {noun2}");
    export function {camel}({noun}: string\\[\\], {noun2} = {small}) \\{
    let {camel} = {noun}.map(({noun2}) => {noun2}.{verb}());
    public static final int {constant} = {line};
    private final {kind} {camel} = new {kind}({line});
    @Override public void {camel}({kind} {noun}) throws {kind2} \\{
    func ({noun} *{kind}) {camel}(ctx context.Context) error \\{
    if err != nil \\{ return fmt.Errorf("{verb} {noun}: %w", err) \\}
    fn {snake}(&mut self, {noun}: usize) -> Result<{kind}, {kind2}> \\{
    let {noun} = {snake}.iter().filter(|{noun2}| {noun2}.{snake2} > {small}).count();
    #define {constant} {hexes}
    static int {snake}(struct {noun} *{noun2}, size_t len);
    for (int i = 0; i < {small}; ++i) {noun}\\[i\\] = {noun2}\\[i + {small2}\\];
    SELECT {noun}, COUNT(*) FROM {snake} WHERE {noun2} > {line} GROUP BY {noun} ORDER BY {small} DESC;
    CREATE INDEX {snake} ON {noun} ({noun2}, {snake2});
    ALTER TABLE {snake} ADD COLUMN {noun} [INTEGER|TEXT|BOOLEAN|NUMERIC({small},2)] NOT NULL;
    .{snake} > .{noun} \\{ margin: {small}px auto; color: #{short_hash}; z-index: {line}; \\}
    <div class="{snake}"><span id="{noun}-{small}">{trait}</span></div>
    <{noun} {noun2}="{small}" {snake}="{trait}"/>
    [sudo|] [apt|brew|pip|npm|cargo] install {soft}[=={version}|@{version}|]
    git [checkout|rebase|push origin|cherry-pick] [main|{short_hash}|{snake}]
    [grep|sed|awk] -[rn|i|E] "{noun}.*{noun2}" {source} | [sort|uniq -c|head -{small}]
    docker run --rm -p {port}:{port2} {soft}:{version}
    kubectl [get|describe|rollout restart] [pods|deploy/{noun}|svc] -n {noun2}
    // TODO: {verb} the {noun} once {soft} [is|was] {trait}
    # {verb} {noun} and {noun2}, {trait} first
    /* {trait} {noun}: see RFC {line}, section {small}.{small2} */
    }
""",
)
enter_rule(
    "setting_line",
    """
    {snake}: [{line}|{small}|true|false|{measure}|{trait}|"{noun}"|\\[{noun}, {noun2}\\]]
    [  |    ]{snake}: [{line}|{small}s|{small}m|true|off|null|~|{trait}|{noun}]
    [    |  |        ]- {snake}
    {constant}=[{line}|0.{small}|true|{trait}|UTC|/var/lib/{noun}|{noun}:{version}]
    {snake} = [{line}|"{trait}"|on|off|{measure}]
    "{camel}": [{line}|{percent}|true|null|"{trait}"|\\["{noun}", "{noun2}"\\]],
    \\[{snake}\\]
    <[property|setting] name="{snake}" value="[{line}|{trait}]"/>
    --{snake}=[{line}|{trait}|auto]
    export {constant}="[{line}|{trait}|/opt/{soft}/bin]"
    {soft}=={version}
    {noun}[.|/]{noun2}[.|/]{snake} [{line}|{trait}]
    # {verb} {noun} every {small} [minutes|hours]
    region: [eu-central-{small}|us-east-{small}|ap-south-{small}]
    {soft}: "^{version}"
""",
)
enter_rule(
    "kitchen_line",
    """
    [Fry|Sear|Brown|Sauté] {measure} of diced {food} until the [fat runs|edges crisp|pan is dry].
    [Add|Stir in|Fold in|Scatter over] the {food} and [half the|a handful of|{small} tbsp of] {food2}.
    Bake [uncovered|covered|on the middle shelf] at [150|160|180|200|220] °C for {small} to {small2} minutes.
    {small} [tbsp|tsp|cups|cloves|sprigs|pinches|slices] {food}
    {measure} {food}, [chopped|grated|rinsed|peeled and sliced]
    Serves {small}. [Keeps for {small} days in the fridge.|Freezes well.|]
    [Season|Taste] and [serve|leave to rest] with {food} and a [squeeze|drizzle] of {food2}.
    [Soak|Simmer|Blanch|Drain] the {food} [overnight|for {small} minutes|in plenty of water].
    Per serving: {count} kcal, {small} g fat, {small2} g protein.
    [Variations|Tip|Note]: swap the {food} for {food2}, or leave it out.
    Preheat the oven to [160|180|200]C/gas [3|4|5|6|7].
""",
)
enter_rule(
    "shop_line",
    """
    {colour} {stuff} {goods}, {measure}, [pack of {small}|set of {small}|with lid|dishwasher safe]
    Article no. {article}. [Fabric|Body|Frame|Handle]: {stuff}[, {colour}|] [with a {measure} coating|, recycled|].
    {stars} [Does what it says.|Too small.|Great {goods}!|Broke after a week.|Would buy again|{colour} is not {colour2}]
    [Love|Hate|Returned] the {goods}: [the|its] {stuff} [creaks|scratches|shines] and the {goods2} [wobbles|is
        too loud].
    [Fits|Takes|Holds] up to {measure}. [Weight|Height|Width|Depth]: {measure2}.
    [In stock|Sold out|Only {small} left]: {goods} {article} in {colour} and {colour2}
    [Size|Colour|Material|Finish]: {colour}[/{colour2}|]
    Was {money}, now {money2}[, free delivery over {money3}|]
    The {goods} [is|was] [five|two|eleven] [years|months|days] old and [works|rattles|leaks].
    My [mother|father|neighbour|dog] [loves|ignores|sat on] the {goods}.
    [Guarantee|Warranty]: {small} years on {part} and {part2}
""",
)
enter_rule(
    "manual_line",
    """
    {article}  {part} [blocked|over temperature|missing|not calibrated]. [Open the {part2}.|Wait {small}
        minutes.|Replace it.]
    [Torque|Tighten|Loosen] the {part} [screws|bolts] to {measure}.
    The jumper J{small}{small2} [selects|bridges|disables] the {part}; [connect|wire] terminal {small} to
        terminal {small2}.
    [Rated|Maximum|Idle] [load|voltage|pressure|speed]: {measure} ([nominal|peak]), {measure2} at the {part}
    [Check|Grease|Replace] the {part} every {count} [hours|kilometres|cycles].
    {small}. [Switch off|Unplug|Isolate] the {noun}. {small2}. [Remove|Lift|Slide out] the {part}.
    LED [blinks|is solid] [red|green|amber]: {part} {trait}.
    [Caution|Warning|Note]: the {part} [is hot|may start without notice|holds pressure].
    Fig. {small}: {part}, {part2} and {part3}
    If the fault persists, replace the {part} ({article}).
    Press [and hold|] [{noun}|SET|OK|F{small}] for {small2} seconds until the {part} [clicks|resets].
    IP{small}5, class [A|B|I|II], {measure}, {ratio}
""",
)
enter_rule(
    "ward_line",
    """
    O: T 3{digit}.{digit2}, HR {pulse}, BP 1{digit}8/{digit2}4, [RR 1{digit}, |]sats 9{digit}% [RA|on {digit2}
        l]. {finding}.
    Cr {pulse} (baseline {pulse2}), K {digit}.{digit2}, Hb 1{digit}4, CRP {pulse}, WCC {percent}, eGFR {digit}8
    [Exam|EXAM|Study]: [CT|MRI|US|X-ray] {body}[/{body2}|] [with|without] contrast
    {body} [unremarkable|normal in size|surgically absent|enlarged]. No {finding}[ or {finding2}|].
    [Mild|Moderate|No] {finding} of the [left|right] {body}, [unchanged|{measure}|since last scan].
    IMPRESSION: {finding} at L{digit}-L{digit2}, [no {finding2}|clinical correlation advised].
    [Start|Stop|Hold|Continue] {drug} {digit}0 mg [od|bd|tds|prn|nocte][, {drug2} as before|].
    [A|P|Plan|Imp]: {finding}, likely [pre-renal|viral|drug related] [+ NSAID|]. [Repeat|Check]
        [U&E|LFT|ECG|bloods] [now|tomorrow].
    [known|PMH|Hx] [T2DM|CKD {digit}b|COPD|AF|IHD|OA], {finding}, NBM from midnight
    {drug} {digit}0 mg/{digit2} ml, {drug2} {pulse} micrograms
    [Mouth|Wound|Chest|Abdomen] [dry|clean|clear|soft]. {finding} [resolved|improving]. [Mobile|Walks] with [a
        stick|two].
    Allergic to {drug}: {finding}.
""",
)
enter_rule(
    "sum_line",
    """
    Let f be continuous on \\[0, {small}\\] with f(0) = f({small}). Put g(x) = f(x + 1/n) − f(x).
    Hence g(0) + g(1/n) + … + g((n−1)/n) = {small}.
    \\\\( \\\\frac\\{{small}\\}\\{{small2}\\} x^{digit} - {count} = 0 \\\\)
    {small}x + {small2}y = {count}, so x = {percent}
    [Theorem|Lemma|Corollary|Exercise] {small}.{small2}. [Every|No] [finite|compact|prime] [group|space|ring]
        is [solvable|bounded].
    Suppose [not|otherwise]; then |A ∩ B| ≤ {count}, [a contradiction|which is absurd].
    P(X > {small}) = 0.{count}, n = {count2}, p < 0.0{small}
    {ratio} = {percent}; {percent2} ± 0.{small}
    O(n log n) [time|comparisons], O({small}) [space|extra words]
    \\[{percent}, {percent2}\\] at 95 % confidence
    White [castles|resigns] after {small}. Nf3 Bg4 {small2}. h3; Black [answers|has] Qe{small} and [draws|mates].
""",
)
enter_rule(
    "notice_line",
    """
    {small}. By a deed the [land|lane|wall] [was|is] [divided|fenced] as [shown|agreed].
    [({small})|{small})|{small}.|§ {small}|{small}.{small2}] The {noun} [shall|may|must] [be {trait}|{verb} the
        {noun2}].
    [Item|Agenda|Point] {small}: {noun}, {noun2} and [any other business|the {part}]
    {ratio} after extra time, {small} [corners|fouls|cards], attendance {count}
    [Plough|Sow|Prune|Mulch] [in March|after the frost|before May]; rows {measure} apart.
    Wind [north-westerly|south|light] {small} to {small2}, [rain|showers|sleet] later, {measure}.
    [In|At] [Black|White|Blue|Red] [to move|corner]: {ratio}
    [We|You|They] [get|need|lose] [two|five|seven|nine|eleven|forty] [hours|spoons|goals|pages] [a week|each|by then].
    [Answers to|Called|Named] Biscuit, [grey|tabby|black], white bib, [afraid of|loves] [trains|cheese].
    Thank God [it rained|for tea|that is over], and [Mum|Dad|Gran|Father] [said|agreed|was out].
    [Before|After|Until] [Christmas|Easter|summer|harvest] the [roof|fence|boiler] [must|will] be [mended|painted].
    ISBN {isbn}, {digit}th ed., {count} pp.[, {goods} on the cover|]
    Tracking [code|no.] {tracking}: [out for delivery|at the depot|returned].
    [RSVP|Parking|Dress]: [smart|free after {clock}|none|see over].
    {thing}, {thing2}[, {goods}|] [wanted|for sale|free to collect]
""",
)


@dataclass(frozen=True)
class _Lines:
    """Lines of some rules, each after a head, now and then under a beginning."""

    rules: tuple[str, ...]
    most: int
    beginnings: tuple[str, ...] = ()
    heads: tuple[str, ...] = ("",)
    gaps: tuple[str, ...] = ("\n",)


_PROSE = ("\n", "\n", " ")
_SHAPES = (
    (
        8,
        _Lines(
            ("change",),
            8,
            ("$ git log --oneline\n", "## Changelog\n", "Changes in {version}:\n"),
            ("{short_hash} ", "* {short_hash} ", "- ", "commit {commit}\n\n    ", ""),
        ),
    ),
    (10, _Lines(("machine_line",), 8, ("$ dmesg | tail\n", "$ journalctl -u {soft}\n"))),
    (12, _Lines(("code_line",), 10, ("```\n", "#!/usr/bin/env bash\n", "// {source}\n", '"""{verb} the {noun}."""\n'))),
    (9, _Lines(("setting_line",), 10, ("# {source}\n", "---\n", "\\{\n"))),
    (5, _Lines(("kitchen_line",), 8, ("{food} with {food2}\n", "Ingredients\n", "Method: "), gaps=_PROSE)),
    (7, _Lines(("shop_line",), 5, ("Product description\n", "Reviews\n"))),
    (6, _Lines(("manual_line",), 7, ("Error codes\n", "{small}.{small2} Maintenance\n"))),
    (7, _Lines(("ward_line",), 5, ("FINDINGS\n", "O/E: ", "IMPRESSION\n"), gaps=_PROSE)),
    (3, _Lines(("sum_line",), 5, ("Proof. ",), gaps=_PROSE)),
    (6, _Lines(("notice_line", "notice_line", "plain", "lookalike"), 6, gaps=_PROSE)),
    (5, _Lines(("change", "machine_line", "manual_line", "plain"), 5, ("Release notes {version}\n",))),
)


def neutral(maker: Maker) -> Pieces:
    """A text of some trade, about nobody."""
    if maker.chance(0.1):
        return _table(maker)
    if maker.chance(0.1):
        return _trace(maker)
    shape = maker.weighted(*_SHAPES)
    pieces: Pieces = []
    if shape.beginnings and maker.chance(0.5):
        pieces = maker.expand(maker.template(shape.beginnings))
    head, gap = maker.template(shape.heads), maker.pick(shape.gaps)
    for place in range(maker.number(1, shape.most)):
        line = maker.another().expand(f"{head}{{{maker.pick(shape.rules)}}}")
        pieces += [(gap if place else "", None), *line]
    return pieces


def _trace(maker: Maker) -> Pieces:
    frames = [maker.another().expand("{frame_line}\n") for _ in range(maker.number(1, 6))]
    failure = maker.expand("{failure_line}\n")
    # Python names the error last, most others first.
    if maker.chance(0.4):
        parts = [[("Traceback (most recent call last):\n", None)], *frames, failure]
    else:
        parts = [maker.expand('[Exception in thread "main" |]'), failure, *frames]
    return [piece for part in parts for piece in part]


_COLUMNS = (
    ("sku", "{article}"),
    ("item", "{goods}"),
    ("colour", "{colour}"),
    ("size_mm", "{small}0"),
    ("stock", "{count}"),
    ("unit_price", "{sum}"),
    ("bin", "[A|B|C]-{small}"),
    ("date", "{weekday}"),
    ("metric", "{snake}"),
    ("p95", "{seconds}"),
    ("unit", "{measure}"),
    ("status", "{status}"),
    ("version", "{version}"),
    ("rating", "{stars}"),
    ("material", "{stuff}"),
    ("qty", "{small}"),
    ("amount", "{sum}"),
    ("share", "{percent}"),
    ("host", "{noun}-{small}"),
    ("note", "{trait} {noun}"),
)


def _table(maker: Maker) -> Pieces:
    """Rows of goods, measurements or machines."""
    columns = [_COLUMNS[place] for place in sorted(maker.rng.sample(range(len(_COLUMNS)), maker.number(2, 7)))]
    gap = maker.pick((",", ",", ";", "\t", " | ", "  "))
    pieces: Pieces = []
    if maker.chance(0.6):
        pieces = [(gap.join(name.replace("_", maker.pick("_ ")) for name, _ in columns) + "\n", None)]
    for place in range(maker.number(1, 8)):
        row = maker.another()
        pieces.append(("\n" if place else "", None))
        for column, (_, value) in enumerate(columns):
            cell = row.expand(value)
            if gap == ",":
                cell = [(text.replace(",", "."), label) for text, label in cell]
            pieces += [(gap if column else "", None), *cell]
    return pieces
