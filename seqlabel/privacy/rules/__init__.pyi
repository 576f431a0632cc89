from seqlabel.privacy.rules.finding import INVISIBLE as INVISIBLE
from seqlabel.privacy.rules.finding import Rule as Rule
from seqlabel.privacy.rules.finding import Value as Value
from seqlabel.privacy.rules.finding import find_values as find_values
from seqlabel.privacy.rules.standard import RULES as RULES
from seqlabel.privacy.rules.standard import Pattern as Pattern
from seqlabel.privacy.rules.standard import checked_rules as checked_rules
from seqlabel.privacy.rules.standard import find_patterns as find_patterns
