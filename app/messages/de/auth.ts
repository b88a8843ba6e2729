import type { Translated, Words } from "@/app/i18n/types";

export const auth: Translated<Words["auth"]> = {
  signIn: {
    title: "Anmelden",
    notInvited:
      "Unter Ihrer Adresse wurde niemand eingeladen, oder jemand hat sich damit auf andere Weise angemeldet: Melden Sie sich wie bisher an und verbinden Sie den Anbieter in Ihrem Konto.",
    failed:
      "Die Anmeldung ist fehlgeschlagen. Versuchen Sie es erneut, oder bitten Sie die Administration um einen Anmeldelink.",
    by: "Weiter mit {provider}",
    button: "Anmelden",
    help: "Kein Konto oder Passwort vergessen? Die Administration kann Ihnen einen Anmeldelink schicken.",
    codeHelp: "Sechs Ziffern aus der App, die Sie eingerichtet haben.",
    tooMany:
      "Zu viele Versuche. Warten Sie 15 Minuten, oder bitten Sie die Administration um einen Anmeldelink.",
    wrongCode: "Der Code stimmt nicht oder wurde schon benutzt. Warten Sie auf den nächsten.",
    wrong: "Die E-Mail-Adresse oder das Passwort stimmt nicht.",
    linkSpent:
      "Dieser Link wurde schon benutzt oder ist abgelaufen. Bitten Sie die Administration um einen neuen.",
    sessionEnded: "Ihre Sitzung ist beendet. Bitten Sie die Administration um einen neuen Link.",
  },
  email: "E-Mail",
  password: "Passwort",
  code: "Code",
  name: "Name",
  welcome: {
    title: "Ihr Konto",
    submit: "Speichern und weiter",
    emailHelp: "An diese Adresse ging die Einladung. Sie können sie in Ihrem Konto ändern.",
    passwordHelp: "Mindestens 12 Zeichen: mehrere Wörter, die nicht zusammengehören.",
  },
  link: {
    title: "Anmeldelink",
    spent: "Dieser Link gilt nicht mehr",
    spentDetail: "Er wurde schon benutzt oder ist abgelaufen. Bitten Sie die Administration um einen neuen.",
    byPassword: "Mit Passwort anmelden",
    welcome: "Willkommen, {name}",
    detail: "Dieser Link meldet Sie einmal an. Danach wählen Sie ein Passwort.",
    submit: "Weiter",
  },
  address: {
    title: "Neue Adresse",
    heading: "Ihre neue Adresse",
    detail:
      "Sie sind {name} mit der Adresse {email}. Ab jetzt melden Sie sich mit der an, an die dieser Link geschickt wurde.",
    submit: "Diese Adresse verwenden",
  },
};
