import type { Translated, Words } from "@/app/i18n/types";

export const auth: Translated<Words["auth"]> = {
  signIn: {
    title: "Se connecter",
    notInvited:
      "Personne n’a été invité sous votre adresse, ou quelqu’un s’y est connecté autrement : connectez-vous comme avant, puis associez le fournisseur dans votre compte.",
    failed: "La connexion n’a pas abouti. Réessayez, ou demandez un lien de connexion à l’administration.",
    by: "Continuer avec {provider}",
    button: "Se connecter",
    help: "Pas de compte, ou mot de passe oublié ? L’administration peut vous envoyer un lien de connexion.",
    codeHelp: "Six chiffres, de l’application que vous avez configurée.",
    tooMany: "Trop d’essais. Attendez 15 minutes, ou demandez un lien de connexion à l’administration.",
    wrongCode: "Le code n’est pas juste, ou il a déjà servi. Attendez le suivant.",
    wrong: "L’adresse e-mail ou le mot de passe n’est pas juste.",
    linkSpent: "Ce lien a déjà servi ou a expiré. Demandez-en un nouveau à l’administration.",
    sessionEnded: "Votre session est terminée. Demandez un nouveau lien à l’administration.",
  },
  email: "E-mail",
  password: "Mot de passe",
  code: "Code",
  name: "Nom",
  welcome: {
    title: "Votre compte",
    submit: "Enregistrer et continuer",
    emailHelp: "Adresse de votre invitation. Vous pourrez la changer dans votre compte.",
    passwordHelp: "Au moins 12 caractères : plusieurs mots qui ne vont pas ensemble.",
  },
  link: {
    title: "Lien de connexion",
    spent: "Ce lien ne fonctionne plus",
    spentDetail: "Il a déjà servi ou a expiré. Demandez-en un nouveau à l’administration.",
    byPassword: "Se connecter par mot de passe",
    welcome: "Bienvenue, {name}",
    detail: "Ce lien vous connecte une seule fois. Vous choisirez ensuite un mot de passe.",
    submit: "Continuer",
  },
  address: {
    title: "Nouvelle adresse",
    heading: "Votre nouvelle adresse",
    detail:
      "Vous êtes {name}, avec l’adresse {email}. Désormais, vous vous connecterez avec celle à laquelle ce lien a été envoyé.",
    submit: "Utiliser cette adresse",
  },
};
