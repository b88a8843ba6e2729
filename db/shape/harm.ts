/**
 * Taxonomies of harm, and one table that maps them onto one another by way of MLCommons' hazards. Names are those of the
 * sources, in English, for whoever compares with their figures. What a mapping loses is said with it.
 */

/** What red-team attempts are filed under: MLCommons' hazards by their numbers in Llama Guard 3; `other`: none of them. */
export const hazards = [
  ...(["S1", "S2", "S3", "S4", "S5", "S6", "S7"] as const),
  ...(["S8", "S9", "S10", "S11", "S12", "S13", "S14", "other"] as const),
] as const;
export type Hazard = (typeof hazards)[number];

export const taxonomyIds = [
  "mlcommons",
  "ailuminate",
  "beavertails",
  "pku_saferlhf",
  "openai_moderation",
  "anthropic_red_team",
] as const;
export type TaxonomyId = (typeof taxonomyIds)[number];

/** A category of a taxonomy: what hazards it covers, and what is lost when it is told in their words. */
export interface Category {
  /** As files and APIs spell it. */
  code: string;
  name: string;
  /** Empty where no hazard covers any of it. */
  hazards: readonly Hazard[];
  /** What of it no hazard covers, or what they do not tell apart; absent: nothing. */
  loses?: string;
}

export interface Taxonomy {
  title: string;
  source: string;
  categories: readonly Category[];
}

const named = (names: Readonly<Record<string, string>>) =>
  hazards.flatMap((code): Category[] => (names[code] ? [{ code, name: names[code], hazards: [code] }] : []));

const one = (
  code: string,
  covered: readonly Hazard[],
  loses?: string,
  name = code.replaceAll("_", " ").replaceAll(",", ", "),
): Category => ({ code, name, hazards: covered, ...(loses && { loses }) });

/** Sources that spell a category in words have no other code. */
export const taxonomyOf: Readonly<Record<TaxonomyId, Taxonomy>> = {
  mlcommons: {
    title: "MLCommons hazards (Llama Guard 3)",
    source:
      "Llama Guard 3 model card; MLCommons AI Safety v0.5 with S13 Elections and S14 Code Interpreter Abuse",
    categories: named({
      S1: "Violent Crimes",
      S2: "Non-Violent Crimes",
      S3: "Sex-Related Crimes",
      S4: "Child Sexual Exploitation",
      S5: "Defamation",
      S6: "Specialized Advice",
      S7: "Privacy",
      S8: "Intellectual Property",
      S9: "Indiscriminate Weapons",
      S10: "Hate",
      S11: "Suicide & Self-Harm",
      S12: "Sexual Content",
      S13: "Elections",
      S14: "Code Interpreter Abuse",
    }),
  },
  ailuminate: {
    title: "MLCommons AILuminate 1.0",
    source: "MLCommons AILuminate v1.0 assessment standard, 12 hazards (arXiv 2503.05731)",
    categories: [
      one("vcr", ["S1"], undefined, "Violent crimes"),
      one("ncr", ["S2"], undefined, "Nonviolent crimes"),
      one("src", ["S3"], undefined, "Sex-related crimes"),
      one("cse", ["S4"], undefined, "Child sexual exploitation"),
      one("dfm", ["S5"], undefined, "Defamation"),
      one(
        "spc",
        ["S6", "S13"],
        "Advice on elections is told apart by S13 alone.",
        "Specialized advice: elections, financial, health, legal",
      ),
      one("prv", ["S7"], undefined, "Privacy"),
      one("ipv", ["S8"], undefined, "Intellectual property violations"),
      one("iwp", ["S9"], undefined, "Indiscriminate weapons (CBRNE)"),
      one("hte", ["S10"], undefined, "Hate"),
      one("ssh", ["S11"], undefined, "Suicide & self-harm"),
      one("sxc", ["S12"], undefined, "Sexual content"),
    ],
  },
  beavertails: {
    title: "BeaverTails, 14 categories",
    source: "Ji et al., NeurIPS 2023 (arXiv 2307.04657), table of harm categories",
    categories: [
      one("animal_abuse", ["S1"]),
      one("child_abuse", ["S1", "S4"], "Whether it is sexual is not told."),
      one(
        "controversial_topics,politics",
        ["S13"],
        "Only false statements about how to vote have a hazard; opinions on controversial topics have none.",
      ),
      one("discrimination,stereotype,injustice", ["S10"]),
      one("drug_abuse,weapons,banned_substance", ["S2", "S9"], "Drugs and weapons are not told apart."),
      one("financial_crime,property_crime,theft", ["S2"]),
      one(
        "hate_speech,offensive_language",
        ["S10"],
        "Offensive language that is about no protected characteristic has no hazard.",
      ),
      one(
        "misinformation_regarding_ethics,laws_and_safety",
        ["S6"],
        "False statements that are no professional advice have no hazard.",
      ),
      one("non_violent_unethical_behavior", ["S2"], "What is unethical and no crime has no hazard."),
      one("privacy_violation", ["S7"]),
      one("self_harm", ["S11"]),
      one("sexually_explicit,adult_content", ["S12"], "Sex-related crimes are not told apart from it."),
      one(
        "terrorism,organized_crime",
        ["S1", "S2", "S9"],
        "Violence, crime without it and weapons are not told apart.",
      ),
      one("violence,aiding_and_abetting,incitement", ["S1"]),
    ],
  },
  pku_saferlhf: {
    title: "PKU-SafeRLHF, 19 categories",
    source: "Ji et al., 2024 (arXiv 2406.15513)",
    categories: [
      one("Endangering National Security", ["S1", "S9"], "Espionage and secession have no hazard."),
      one(
        "Insulting Behavior",
        ["S10"],
        "Insults that are about no protected characteristic have no hazard.",
      ),
      one("Discriminatory Behavior", ["S10"]),
      one(
        "Endangering Public Health",
        ["S6", "S9"],
        "Health advice and biological weapons are not told apart.",
      ),
      one("Copyright Issues", ["S8"]),
      one("Violence", ["S1"]),
      one("Drugs", ["S2"]),
      one("Privacy Violation", ["S7"]),
      one("Economic Crime", ["S2"]),
      one("Mental Manipulation", [], "No hazard is about manipulation."),
      one("Human Trafficking", ["S2", "S3"], "Sexual exploitation is not told apart from other trafficking."),
      one("Physical Harm", ["S1", "S11"], "Harm to others and to oneself are not told apart."),
      one("Sexual Content", ["S12"], "Sex-related crimes are not told apart from it."),
      one("Cybercrime", ["S2", "S14"], "Abuse of a code interpreter is not told apart."),
      one(
        "Disrupting Public Order",
        ["S1", "S2", "S13"],
        "Violence, crime without it and elections are not told apart.",
      ),
      one("Environmental Damage", ["S2"], "Damage that is no crime has no hazard."),
      one("Psychological Harm", ["S11"], "Harm to the mind that is no self-harm has no hazard."),
      one("White-Collar Crime", ["S2"]),
      one("Animal Abuse", ["S1"]),
    ],
  },
  openai_moderation: {
    title: "OpenAI moderation, 13 categories",
    source: "OpenAI moderation API, omni-moderation-latest",
    categories: [
      one("harassment", ["S10"], "Harassment that is about no protected characteristic has no hazard."),
      one("harassment/threatening", ["S1", "S10"], "Threat and hate are not told apart."),
      one("hate", ["S10"]),
      one("hate/threatening", ["S1", "S10"], "Threat and hate are not told apart."),
      one("illicit", ["S2"]),
      one("illicit/violent", ["S1", "S2", "S9"], "Weapons of one and of many are not told apart."),
      one("self-harm", ["S11"]),
      one("self-harm/intent", ["S11"], "That somebody speaks of themselves is not told."),
      one("self-harm/instructions", ["S11"], "Instructions and depiction are not told apart."),
      one("sexual", ["S12"], "Sex-related crimes are not told apart from it."),
      one("sexual/minors", ["S4"]),
      one("violence", ["S1"], "Depiction of violence that is no crime has no hazard."),
      one("violence/graphic", ["S1"], "Depiction of violence that is no crime has no hazard."),
    ],
  },
  anthropic_red_team: {
    title: "Anthropic red-team attempts, 18 tags",
    source: "Ganguli et al., 2022 (arXiv 2209.07858): tags of red-team-attempts, given to a sample of it",
    categories: [
      one("Discrimination & injustice", ["S10"]),
      one(
        "Hate speech & offensive language",
        ["S10"],
        "Offensive language that is about no protected characteristic has no hazard.",
      ),
      one("Violence & incitement", ["S1"]),
      one(
        "Non-violent unethical behavior (e.g., lying, cheating, etc.)",
        ["S2"],
        "What is unethical and no crime has no hazard.",
      ),
      one(
        "Bullying & harassment",
        ["S10"],
        "Harassment that is about no protected characteristic has no hazard.",
      ),
      one("Theft", ["S2"]),
      one("Soliciting personally identifiable information", ["S7"]),
      one(
        "Conspiracy theories & misinformation",
        ["S5", "S13"],
        "False statements that defame nobody and are about no election have no hazard.",
      ),
      one("Substance abuse & banned substances", ["S2"], "Use that is no crime has no hazard."),
      one("Fraud & deception", ["S2"]),
      one("Weapons", ["S2", "S9"], "Weapons of one and of many are not told apart."),
      one("Adult content", ["S12"]),
      one("Property crime & vandalism", ["S2"]),
      one("Animal abuse", ["S1"]),
      one(
        "Terrorism & organized crime",
        ["S1", "S2", "S9"],
        "Violence, crime without it and weapons are not told apart.",
      ),
      one(
        "Sexual exploitation & human trafficking",
        ["S2", "S3"],
        "Trafficking without sex is not told apart.",
      ),
      one("Self-harm", ["S11"]),
      one("Child abuse", ["S1", "S4"], "Whether it is sexual is not told."),
    ],
  },
};

/** A hazard as people read it. */
export const hazardName = (hazard: Hazard): string =>
  taxonomyOf.mlcommons.categories.find(({ code }) => code === hazard)?.name ?? "Other";

/** A category in the words of another taxonomy. */
export interface Told {
  code: string;
  name: string;
  /** What is lost, or added, on the way; null: nothing. */
  loses: string | null;
}

const spelling = (code: string) => code.toLowerCase().replace(/[^a-z0-9]/g, "");

/** A category by its code or name in any spelling of case and signs. */
export const categoryOf = (taxonomy: TaxonomyId, code: string): Category | undefined =>
  taxonomyOf[taxonomy].categories.find(
    (category) => spelling(category.code) === spelling(code) || spelling(category.name) === spelling(code),
  );

/** A hazard in the words of a taxonomy: each category that covers it. Empty: it has no word for it. */
export function hazardIn(hazard: Hazard, taxonomy: TaxonomyId): Told[] {
  return taxonomyOf[taxonomy].categories
    .filter(({ hazards: covered }) => covered.includes(hazard))
    .map(({ code, name, hazards: covered, loses }) => {
      const wider = covered.filter((other) => other !== hazard);
      const also = wider.length > 0 && `It covers ${wider.join(" and ")}, too.`;
      return { code, name, loses: [also, loses].filter(Boolean).join(" ") || null };
    });
}

/**
 * A category of one taxonomy in the words of another, by way of the hazards.
 * @returns empty where the other has no word for it, or the category is not known
 */
export function toldIn(from: TaxonomyId, code: string, to: TaxonomyId): Told[] {
  const category = categoryOf(from, code);
  if (!category) return [];
  if (from === to) return [{ code: category.code, name: category.name, loses: null }];
  const told = new Map<string, Told>();
  for (const hazard of category.hazards)
    for (const word of hazardIn(hazard, to)) if (!told.has(word.code)) told.set(word.code, word);
  const several = told.size > 1 ? "Which of these it is is not told." : null;
  return [...told.values()].map((word) => ({
    ...word,
    loses: [...new Set([category.loses, word.loses, several])].filter((part) => part).join(" ") || null,
  }));
}
