import type { Translated, Words } from "@/app/i18n/types";

export const desk: Translated<Words["desk"]> = {
  title: "Arbeitsplatz",
  task: "Aufgabe",
  sentBackBy: "Von der Prüfung zurückgegeben:",
  prompt: "Prompt",
  judgement: "Ihr Urteil",
  response: "Antwort {letter}",
  textOfResponse: "Text von Antwort {letter}",
  allResponses: "Alle Antworten",
  responseAlone: "Nur Antwort {letter}",
  inView: {
    turn: "{share, number} % des letzten Beitrags waren zu sehen",
    response: "{share, number} % von {letter} waren zu sehen",
  },
  tools: {
    diff: "Unterschiede zeigen",
    scroll: "Gemeinsam rollen",
    raw: "Rohtext",
    wrap: "Codezeilen umbrechen",
    keys: "Alle Tasten",
  },
  guidelines: {
    name: "Richtlinien",
    new: "neu",
    which: "Was von den Richtlinien",
    newIn: "Neu in v{version, number}",
    all: "Alles",
    text: "Text der Richtlinien",
    none: "Dieses Projekt hat noch keine Richtlinien.",
    since: "Seit Version {version, number}, nach der Sie zuletzt geurteilt haben:",
  },
  speakers: { system: "Anweisungen", user: "Nutzer", assistant: "Assistent", tool: "Werkzeug" },
  earlier: "{count, plural, one {# früherer Beitrag} other {# frühere Beiträge}}",
  toolsOffered: "{count, plural, one {# Werkzeug} other {# Werkzeuge}} dem Modell angeboten",
  bar: {
    skip: "Überspringen",
    flag: "Melden",
    flagged: "Gemeldet",
    undo: "Rückgängig",
    before: "Vorige Frage",
    next: "Nächste Frage",
    move: "bewegen mit <key>{up}</key> <key>{down}</key>",
    submit: "Abgeben",
    nextReady: "nächste ist bereit",
    optional: "freiwillig",
  },
  bench: {
    beside: "Neben dem Text",
    changes: "Änderungen",
    preview: "Vorschau",
    placeholder: "Markdown: **fett**, Listen, `Code`, $Mathematik$.",
  },
  skip: {
    title: "Diese Aufgabe überspringen",
    detail: "Jemand anderes wird sie beurteilen. Warum nicht Sie?",
    reason: "Grund",
    note: "Anmerkung",
  },
  flag: {
    title: "Diese Aufgabe melden",
    detail: "Die Prüfung sieht sie sich an. Sie beurteilen sie trotzdem.",
    remove: "Meldung zurücknehmen",
    reason: "Was sollte die Prüfung wissen?",
  },
  remarks: "{count, plural, one {# neue Bemerkung} other {# neue Bemerkungen}}",
  writeToReviewer: "An die Prüfung schreiben",
  sentBack: "{count, plural, other {# zurückgegeben}}",
  progress: "{done, number} von {all, number}",
  progressAtLeast: "{done, number} von {all, number}+",
  progressTime: "{done, number} von {all, number}, noch etwa {time}",
  today: "{count, number} heute<more> in {time}</more>",
  inViewToday: "Heute angesehen: {time}",
  median: "{seconds, number} s im Median",
  revises: "ändert ein früheres Urteil",
  save: {
    signedOut: "{count, number} warten: neu anmelden",
    saved: "gespeichert",
    underWay: "{count, number} unterwegs",
    retry: "In diesem Browser aufbewahrt. Jetzt versuchen",
    offline: "offline, {count, number} hier aufbewahrt",
    refused: "{count, number} nicht angenommen",
    title: "Vom Server nicht angenommen",
    detail: "Was Sie geschrieben haben, bleibt hier, bis Sie es entfernen.",
    failing:
      "An diesem scheitert der Server. Es wird erneut versucht, und die anderen gehen vor; falls es bleibt, sagen Sie es denen, die die Site betreiben.",
    remove: "Entfernen",
    undo: "Zurücknehmen eines Urteils",
  },
  begin: {
    title: "Selbst Aufgaben beurteilen?",
    detail:
      "Solange Sie nur schauen, nehmen Sie niemandem einen Platz weg. Was Sie beurteilen, zählt wie bei allen.",
    button: "Beginnen",
  },
  nothing: {
    no_tasks: {
      title: "Noch keine Aufgaben",
      detail: "Dieses Projekt hat bisher nichts zu beurteilen. Sobald es Aufgaben gibt, erscheinen sie hier.",
    },
    done: {
      title: "Alles erledigt",
      detail: "Jede Aufgabe dieses Projekts hat alle Urteile, die sie braucht. Vielen Dank.",
    },
    held_by_others: {
      title: "Die letzten Aufgaben liegen bei anderen",
      detail:
        "Was davon liegen bleibt, kommt zu Ihnen zurück. Der Arbeitsplatz sieht von selbst wieder nach.",
    },
    not_for_you: {
      title: "Im Augenblick nichts für Sie",
      detail:
        "Die wartenden Aufgaben brauchen andere Sprachen oder Fachgebiete, oder Sie haben sie schon beurteilt.",
    },
    no_consent: {
      title: "Ihre Einwilligung ist widerrufen",
      detail:
        "Was Sie beurteilt haben, ist aufbewahrt und zählt nirgends, und die Aufgaben sind an andere gegangen. Die Projektleitung kann eintragen, dass Sie wieder einwilligen.",
    },
    archived: { title: "Dieses Projekt ist geschlossen", detail: "Es nimmt keine Urteile mehr an." },
    qualifying: {
      title: "Die Aufgaben der Qualifizierung sind vorerst erledigt",
      detail:
        "Was folgt, hängt von ihnen ab und erscheint hier. Erscheint nichts, gibt es für Ihre Sprachen und Fachgebiete keine weiteren: Fragen Sie die Projektleitung.",
    },
    not_qualified: {
      title: "Die Qualifizierung wurde nicht bestanden",
      detail:
        "Danke, dass Sie sich die Zeit genommen haben. Hier gibt es keine weiteren Aufgaben für Sie; die Projektleitung kann mehr sagen und Sie weitermachen lassen.",
    },
    norming: {
      title: "Ihr Teil des Abgleichs ist erledigt",
      detail:
        "Wenn alle seine Aufgaben beurteilt haben oder die Zeit um ist, sehen Sie gemeinsam, wo Sie abweichen und warum. Andere Aufgaben kommen, wenn er beendet ist.",
    },
    blocked: {
      title: "Ihre Arbeit hier ruht",
      detail:
        "Was Sie beurteilt haben, ist aufbewahrt, und die Aufgaben, die auf Sie warteten, sind an andere gegangen. Die Projektleitung kann sagen, warum, und Sie weitermachen lassen.",
    },
    coming: { title: "Die nächste Aufgabe wird geholt", detail: "Sie ist vom Server unterwegs." },
    away: {
      title: "Der Server ist nicht erreichbar",
      detail:
        "Alle für Sie vorgehaltenen Aufgaben sind erledigt. In diesem Browser aufbewahrt, bis er wieder da ist: {count, plural, one {# Urteil} other {# Urteile}}. Dann kommen die nächsten Aufgaben.",
    },
    back: "Das letzte zurücknehmen",
    again: "Erneut nachsehen",
    myWork: "Meine Arbeit",
    today: "Sie haben heute {count, plural, one {# Aufgabe} other {# Aufgaben}} beurteilt.",
    fetching: "Ihre Aufgaben werden geholt …",
  },
  away: {
    title: "Der Server ist nicht erreichbar",
    detail:
      "Dieser Browser hat keine Aufgaben dieses Projekts aufbewahrt. Was Sie vorher beurteilt haben, ist aufbewahrt und wird später gesendet.",
  },
  trouble: {
    noAnswer: "Die Aufgabe konnte nicht geladen werden: Der Server hat nicht geantwortet.",
    noStorage:
      "Dieser Browser bewahrt für diese Site keine Daten auf, ein Urteil könnte also verloren gehen. ({reason})",
    notStored: "Das letzte Urteil konnte nicht gespeichert werden: {reason}",
    notOpen: "der Speicher ist nicht offen",
  },
  known: {
    about: "Zu einer früheren Aufgabe",
    same: "Die Antwort auf eine frühere Aufgabe war bekannt, und Ihre ist dieselbe:",
    differs: "Die Antwort auf eine frühere Aufgabe war bekannt, und Ihre weicht davon ab. Bekannt:",
    goOn: "Weiter",
  },
  norming: {
    progress: "Abgleich: {done, number} von {items, number}",
    talk: "Abgleich: sehen, wo Sie abweichen",
  },
  qualifying: {
    progress: "Qualifikation: {done, number} von {items, number}",
    pass: ", {pass, number} richtige zum Bestehen",
    attempt: ", Versuch {attempt, number} von {attempts, number}",
  },
  trainer: {
    name: "Übung",
    title: "Übung: Nichts wird gesendet",
    step: "{step, number} von {all, number}",
    verdict: "Ziffern sind das Urteil, von A bis B. Hier hat B recht: <key>6</key> drücken",
    another: "Eine andere Ziffer ist ein anderes Urteil. Für A: <key>1</key> drücken",
    reason: "Gründe haben eigene Buchstaben, die daneben stehen. Drücken Sie einen",
    submit: "<key>{submit}</key> gibt ab",
    undo: "Das war falsch: <key>{undo}</key> nimmt es zurück",
    end: "Es ist wieder da, und eine Ziffer berichtigt es. <key>{help}</key> zeigt alle Tasten und ändert sie. <key>{submit}</key> beginnt die Arbeit",
    begin: "Beginnen",
    leave: "Übung überspringen",
    better: "Welche Antwort ist besser?",
    why: "Warum?",
    correct: "Richtiger",
    clear: "Klarer",
    first: {
      question: "Welcher Planet unseres Sonnensystems ist der größte?",
      a: "Saturn, wegen seiner Ringe.",
      b: "**Jupiter.** Er hat mehr Masse als alle anderen Planeten zusammen.",
    },
    second: { question: "Und welcher ist der kleinste?", a: "Merkur.", b: "Der Mond." },
  },
};
