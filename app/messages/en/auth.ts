export const auth = {
  signIn: {
    title: "Sign in",
    notInvited:
      "Nobody was invited under your address, or somebody has signed in under it in another way: sign in as before, and connect the provider in your account.",
    failed: "Signing in did not work. Try again, or ask an admin for a sign-in link.",
    by: "Continue with {provider}",
    button: "Sign in",
    help: "No account, or password forgotten? An admin can send you a sign-in link.",
    codeHelp: "Six digits, from the app you set up.",
    tooMany: "Too many attempts. Wait 15 minutes, or ask an admin for a sign-in link.",
    wrongCode: "The code is not right, or it has been used. Wait for the next one.",
    wrong: "The e-mail address or the password is not right.",
    linkSpent: "This link has been used or has expired. Ask an admin for a new one.",
    sessionEnded: "Your session has ended. Ask an admin for a new link.",
  },
  email: "E-mail",
  password: "Password",
  code: "Code",
  name: "Name",
  welcome: {
    title: "Your account",
    submit: "Save and continue",
    emailHelp: "Where you were invited. You can change it in your account.",
    passwordHelp: "At least 12 characters: several words that do not belong together.",
  },
  link: {
    title: "Sign-in link",
    spent: "This link no longer works",
    spentDetail: "It has been used or has expired. Ask an admin for a new one.",
    byPassword: "Sign in with a password",
    welcome: "Welcome, {name}",
    detail: "This link signs you in once. Then you choose a password.",
    submit: "Continue",
  },
  address: {
    title: "New address",
    heading: "Your new address",
    detail:
      "You are {name}, with the address {email}. From now on you sign in with the one that this link was sent to.",
    submit: "Use this address",
  },
} as const;
