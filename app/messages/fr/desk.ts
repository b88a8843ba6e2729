import type { Translated, Words } from "@/app/i18n/types";

export const desk: Translated<Words["desk"]> = {
  title: "Bureau",
  task: "Tâche",
  sentBackBy: "Renvoyée par la relecture :",
  prompt: "Prompt",
  judgement: "Votre jugement",
  response: "Réponse {letter}",
  textOfResponse: "Texte de la réponse {letter}",
  allResponses: "Toutes les réponses",
  responseAlone: "La réponse {letter} seule",
  inView: {
    turn: "{share, number} % du dernier tour a été visible",
    response: "{share, number} % de {letter} a été visible",
  },
  tools: {
    diff: "Montrer les différences",
    scroll: "Défiler ensemble",
    raw: "Texte brut",
    wrap: "Replier les lignes de code",
    keys: "Toutes les touches",
  },
  guidelines: {
    name: "Consignes",
    new: "nouveau",
    which: "Partie des consignes",
    newIn: "Nouveau dans v{version, number}",
    all: "Tout",
    text: "Texte des consignes",
    none: "Ce projet n’a pas encore de consignes.",
    since: "Depuis la version {version, number}, selon laquelle vous avez jugé en dernier :",
  },
  speakers: { system: "Instructions", user: "Utilisateur", assistant: "Assistant", tool: "Outil" },
  earlier: "{count, plural, one {# tour précédent} other {# tours précédents}}",
  toolsOffered: "{count, plural, one {# outil proposé} other {# outils proposés}} au modèle",
  bar: {
    skip: "Passer",
    flag: "Signaler",
    flagged: "Signalé",
    undo: "Annuler",
    before: "Question précédente",
    next: "Question suivante",
    move: "se déplacer avec <key>{up}</key> <key>{down}</key>",
    submit: "Envoyer",
    nextReady: "la suivante est prête",
    optional: "facultatif",
  },
  bench: {
    beside: "À côté du texte",
    changes: "Modifications",
    preview: "Aperçu",
    placeholder: "Markdown : **gras**, listes, `code`, $maths$.",
  },
  skip: {
    title: "Passer cette tâche",
    detail: "Quelqu’un d’autre la jugera. Pourquoi pas vous ?",
    reason: "Raison",
    note: "Remarque",
  },
  flag: {
    title: "Signaler cette tâche",
    detail: "La relecture l’examinera. Vous la jugez quand même.",
    remove: "Retirer le signalement",
    reason: "Que doit savoir la relecture ?",
  },
  remarks: "{count, plural, one {# nouvelle remarque} other {# nouvelles remarques}}",
  writeToReviewer: "Écrire à la relecture",
  sentBack: "{count, plural, one {# renvoyée} other {# renvoyées}}",
  progress: "{done, number} sur {all, number}",
  progressAtLeast: "{done, number} sur {all, number}+",
  progressTime: "{done, number} sur {all, number}, encore {time} environ",
  today: "{count, number} aujourd’hui<more> en {time}</more>",
  inViewToday: "Temps d’affichage aujourd’hui : {time}",
  median: "{seconds, number} s (médiane)",
  revises: "modifie un jugement antérieur",
  save: {
    signedOut: "{count, number} en attente : reconnectez-vous",
    saved: "enregistré",
    underWay: "{count, number} en route",
    retry: "Conservé dans ce navigateur. Essayer maintenant",
    offline: "hors ligne, {count, number} conservés ici",
    refused: "{count, number} non acceptés",
    title: "Non accepté par le serveur",
    detail: "Ce que vous avez écrit est conservé ici jusqu’à ce que vous le retiriez.",
    failing:
      "Le serveur échoue sur celui-ci. Il sera réessayé, et les autres passent avant ; si cela persiste, prévenez ceux qui gèrent le site.",
    remove: "Retirer",
    undo: "Reprise d’un jugement",
  },
  begin: {
    title: "Juger des tâches vous-même ?",
    detail:
      "Tant que vous ne faites que regarder, vous ne prenez la place de personne. Ce que vous jugez compte comme pour tout le monde.",
    button: "Commencer",
  },
  nothing: {
    no_tasks: {
      title: "Pas encore de tâches",
      detail: "Ce projet n’a rien à juger pour l’instant. Les tâches apparaissent ici dès qu’il y en a.",
    },
    done: {
      title: "Tout est fait",
      detail: "Chaque tâche de ce projet a tous les jugements qu’il lui faut. Merci.",
    },
    held_by_others: {
      title: "D’autres ont les dernières tâches",
      detail: "Ce qu’ils laissent vous revient. Le bureau regarde de nouveau de lui-même.",
    },
    not_for_you: {
      title: "Rien pour vous pour le moment",
      detail:
        "Les tâches en attente demandent d’autres langues ou d’autres domaines, ou vous les avez déjà jugées.",
    },
    no_consent: {
      title: "Votre consentement est retiré",
      detail:
        "Ce que vous avez jugé est conservé et ne compte nulle part, et les tâches sont allées à d’autres. Une personne responsable peut noter que vous le donnez de nouveau.",
    },
    archived: { title: "Ce projet est clos", detail: "Il n’accepte plus de jugements." },
    qualifying: {
      title: "Les tâches de la qualification sont faites pour l’instant",
      detail:
        "La suite en dépend et apparaît ici. Si rien n’apparaît, il n’y en a plus pour vos langues et vos domaines : demandez à une personne responsable du projet.",
    },
    not_qualified: {
      title: "La qualification n’est pas réussie",
      detail:
        "Merci d’y avoir consacré du temps. Il n’y a pas d’autres tâches pour vous ici ; une personne responsable du projet peut en dire plus et vous laisser continuer.",
    },
    norming: {
      title: "Votre part de l’harmonisation est faite",
      detail:
        "Quand tout le monde aura jugé ses tâches, ou que le temps sera écoulé, vous verrez ensemble où vous divergez et pourquoi. Les autres tâches viendront quand elle sera terminée.",
    },
    blocked: {
      title: "Votre travail ici est suspendu",
      detail:
        "Ce que vous avez jugé est conservé, et les tâches qui vous attendaient sont allées à d’autres. Une personne responsable du projet peut dire pourquoi et vous laisser continuer.",
    },
    coming: { title: "La tâche suivante arrive", detail: "Elle est en route depuis le serveur." },
    away: {
      title: "Le serveur est injoignable",
      detail:
        "Toutes les tâches gardées pour vous sont faites. Conservé dans ce navigateur jusqu’à son retour : {count, plural, one {# jugement} other {# jugements}}. Les tâches suivantes viendront alors.",
    },
    back: "Reprendre le dernier",
    again: "Regarder de nouveau",
    myWork: "Mon travail",
    today: "Vous avez jugé {count, plural, one {# tâche} other {# tâches}} aujourd’hui.",
    fetching: "Vos tâches arrivent…",
  },
  away: {
    title: "Le serveur est injoignable",
    detail:
      "Ce navigateur ne garde aucune tâche de ce projet. Ce que vous avez jugé avant est conservé et sera envoyé plus tard.",
  },
  trouble: {
    noAnswer: "La tâche n’a pas pu être chargée : le serveur n’a pas répondu.",
    noStorage:
      "Ce navigateur ne conserve aucune donnée pour ce site ; un jugement pourrait donc être perdu. ({reason})",
    notStored: "Le dernier jugement n’a pas pu être conservé : {reason}",
    notOpen: "le stockage n’est pas ouvert",
  },
  known: {
    about: "À propos d’une tâche précédente",
    same: "La réponse à une tâche précédente était connue, et la vôtre est la même :",
    differs: "La réponse à une tâche précédente était connue, et la vôtre en diffère. Réponse connue :",
    goOn: "Continuer",
  },
  norming: {
    progress: "Harmonisation : {done, number} sur {items, number}",
    talk: "Harmonisation : voir vos divergences",
  },
  qualifying: {
    progress: "Qualification : {done, number} sur {items, number}",
    pass: ", {pass, number} bonnes réponses pour réussir",
    attempt: ", essai {attempt, number} sur {attempts, number}",
  },
  trainer: {
    name: "Entraînement",
    title: "Entraînement : rien n’est envoyé",
    step: "{step, number} sur {all, number}",
    verdict: "Les chiffres sont le verdict, de A à B. Ici, B a raison : appuyez sur <key>6</key>",
    another: "Un autre chiffre est un autre verdict. Essayez A : appuyez sur <key>1</key>",
    reason: "Les raisons ont leurs propres lettres, imprimées dessus. Appuyez sur l’une d’elles",
    submit: "<key>{submit}</key> envoie",
    undo: "C’était une erreur : <key>{undo}</key> la reprend",
    end: "Le jugement est revenu, et un chiffre le corrige. <key>{help}</key> montre toutes les touches et les change. <key>{submit}</key> commence le travail",
    begin: "Commencer",
    leave: "Passer l’entraînement",
    better: "Quelle réponse est la meilleure ?",
    why: "Pourquoi ?",
    correct: "Plus juste",
    clear: "Plus claire",
    first: {
      question: "Quelle est la plus grande planète de notre système solaire ?",
      a: "Saturne, à cause de ses anneaux.",
      b: "**Jupiter.** Sa masse dépasse celle de toutes les autres planètes réunies.",
    },
    second: { question: "Et la plus petite ?", a: "Mercure.", b: "La Lune." },
  },
};
