import type { Tongue } from "@/app/i18n/types";
import { account } from "./account";
import { auth } from "./auth";
import { desk } from "./desk";
import { keys } from "./keys";
import { me } from "./me";
import { norming } from "./norming";
import { projects } from "./projects";
import { question } from "./question";
import { redTeam } from "./red-team";
import { said } from "./said";
import { shell } from "./shell";
import { ui } from "./ui";

export const de: Tongue = {
  words: { ui, shell, auth, account, projects, desk, keys, question, me, norming, redTeam },
  said,
};
