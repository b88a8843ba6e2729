import type { Said } from "../said";

export const said: Readonly<Record<Said, string>> = {
  "I do not know this subject well enough": "Ich kenne das Fachgebiet nicht gut genug",
  "I do not read this language well enough": "Ich lese diese Sprache nicht gut genug",
  "The prompt makes no sense": "Der Prompt ergibt keinen Sinn",
  "Something is missing or does not display": "Etwas fehlt oder wird nicht angezeigt",
  "The content is harmful or private": "Der Inhalt ist schädlich oder privat",
  "Another reason": "Ein anderer Grund",
  "An answer is required.": "Eine Antwort ist nötig.",
  "choose an option.": "Wählen Sie eine Option.",
  "choose one option only.": "Wählen Sie nur eine Option.",
  "an edited response is empty.": "Eine bearbeitete Antwort ist leer.",
  "edit a response.": "Bearbeiten Sie eine Antwort.",
  "a tie is not offered.": "Ein Gleichstand wird nicht angeboten.",
  "both bad is not offered.": "„Beide schlecht“ wird nicht angeboten.",
  "rank {letters} too.": "Geben Sie auch {letters} einen Rang.",
  "rank all {k} responses.": "Geben Sie allen {k} Antworten einen Rang.",
  "ranks run from 1 to {k}.": "Ränge gehen von 1 bis {k}.",
  "ties are not offered.": "Gleichstände werden nicht angeboten.",
  "one response must have rank 1.": "Eine Antwort muss Rang 1 haben.",
  "rate {attribute}.": "Bewerten Sie {attribute}.",
  "rate {attribute} for every response.": "Bewerten Sie {attribute} für jede Antwort.",
  "{attribute} must be a whole number from {min} to {max}.":
    "{attribute} muss eine ganze Zahl von {min} bis {max} sein.",
  "write something.": "Schreiben Sie etwas.",
  "write at least {count} characters.": "Schreiben Sie mindestens {count} Zeichen.",
  "write at most {count} characters.": "Schreiben Sie höchstens {count} Zeichen.",
  "You no longer hold this task.": "Diese Aufgabe liegt nicht mehr bei Ihnen.",
  "Your screen shows this task as it was never given out to you, so that A and B may be exchanged. Nothing was stored. Load the page again and judge what it shows then.":
    "Ihr Bildschirm zeigt diese Aufgabe, wie sie nie an Sie ausgegeben wurde; A und B könnten vertauscht sein. Nichts wurde gespeichert. Laden Sie die Seite neu und beurteilen Sie, was sie dann zeigt.",
  "You have been shown others' answers to this task, or where its responses came from: your own would not be blind.":
    "Ihnen wurden Urteile anderer zu dieser Aufgabe oder die Herkunft der Antworten gezeigt: Ihr eigenes wäre nicht blind.",
  "Your consent to the use of your judgements is withdrawn, so nothing was stored. A manager can take it down that you give it again.":
    "Ihre Einwilligung in die Nutzung Ihrer Urteile ist widerrufen, daher wurde nichts gespeichert. Die Projektleitung kann eintragen, dass Sie wieder einwilligen.",
  "You have answered this task already. Open it in your history to change it.":
    "Sie haben diese Aufgabe schon beurteilt. Öffnen Sie sie in Ihrem Verlauf, um das zu ändern.",
  "Your lease on this task ran out, and other raters have taken its seats. Your answer was not stored; the text is still with you.":
    "Ihre Zeit für diese Aufgabe ist abgelaufen, und andere haben ihre Plätze eingenommen. Ihr Urteil wurde nicht gespeichert; den Text haben Sie noch.",
  "The assignment was not found. Its prompt was deleted from the project, or the seat was never yours. Nothing was stored; what you wrote is still with you.":
    "Die Zuteilung wurde nicht gefunden. Ihr Prompt wurde aus dem Projekt gelöscht, oder der Platz war nie Ihrer. Nichts wurde gespeichert; was Sie geschrieben haben, haben Sie noch.",
  "Only a judgement that you submitted can be changed.":
    "Nur ein Urteil, das Sie abgegeben haben, lässt sich ändern.",
  "Submit a judgement first, then flag it.": "Geben Sie zuerst ein Urteil ab, und melden Sie dann.",
  "You have submitted this task already. Open it in your history to change it.":
    "Sie haben diese Aufgabe schon abgegeben. Öffnen Sie sie in Ihrem Verlauf, um das zu ändern.",
  "This task was sent back to you. Open it in your history to do it again.":
    "Diese Aufgabe wurde an Sie zurückgegeben. Öffnen Sie sie in Ihrem Verlauf, um sie noch einmal zu beurteilen.",
  "You skipped this task, and another rater has its seat now.":
    "Sie haben diese Aufgabe übersprungen, und jemand anderes hat jetzt den Platz.",
  "This task is no longer wanted. Nothing was stored.":
    "Diese Aufgabe wird nicht mehr gebraucht. Nichts wurde gespeichert.",
  "This idempotency key was used for another task. Give every judgement its own key.":
    "Dieser Idempotenzschlüssel wurde für eine andere Aufgabe benutzt. Jedes Urteil braucht seinen eigenen.",
  "Your hold on this seat had ended. What you handed in after that stands on another seat of the task: open it in your history to change it.":
    "Ihre Zeit auf diesem Platz war abgelaufen. Was Sie danach abgegeben haben, steht auf einem anderen Platz der Aufgabe: Öffnen Sie es in Ihrem Verlauf, um es zu ändern.",
  "There is nothing to undo on this task.": "An dieser Aufgabe gibt es nichts zurückzunehmen.",
  "Undo works for {seconds} seconds. Open the task in your history to change it.":
    "Zurücknehmen geht {seconds} Sekunden lang. Öffnen Sie die Aufgabe in Ihrem Verlauf, um sie zu ändern.",
  "This task was one of the qualification: its answer stands.":
    "Diese Aufgabe gehörte zur Qualifizierung: Ihr Urteil bleibt stehen.",
  "You have been told the answer to this task since: yours stands, and counts nowhere else.":
    "Ihnen wurde inzwischen die richtige Antwort auf diese Aufgabe gezeigt: Ihre bleibt stehen und zählt sonst nirgends.",
  "This round of the norming has ended: its raters may have seen one another's answers. Nothing was changed.":
    "Diese Runde des Abgleichs ist beendet: Die Beteiligten können die Antworten der anderen gesehen haben. Es wurde nichts geändert.",
  "Your work in this project is paused and the task went to others, so nothing was stored; the text is still with you. A manager of the project can say why, and let you go on.":
    "Ihre Arbeit in diesem Projekt ruht, und die Aufgabe ging an andere; nichts wurde gespeichert, den Text haben Sie noch. Die Projektleitung kann sagen, warum, und Sie weitermachen lassen.",
  "Enter a name.": "Geben Sie einen Namen ein.",
  "At most 200 characters.": "Höchstens 200 Zeichen.",
  "An e-mail address has at most 254 characters.": "Eine E-Mail-Adresse hat höchstens 254 Zeichen.",
  "Enter an e-mail address, such as ada@example.org.":
    "Geben Sie eine E-Mail-Adresse ein, etwa ada@example.org.",
  "A password needs at least 12 characters.": "Ein Passwort braucht mindestens 12 Zeichen.",
  "At most 128 characters.": "Höchstens 128 Zeichen.",
  "This password is too easy to guess. Take several words that do not belong together, and not your name or address.":
    "Dieses Passwort ist zu leicht zu erraten. Nehmen Sie mehrere Wörter, die nicht zusammengehören, und nicht Ihren Namen oder Ihre Adresse.",
  "A code has six digits.": "Ein Code hat sechs Ziffern.",
  "Choose a password first.": "Wählen Sie zuerst ein Passwort.",
  "Too many wrong passwords. Wait 15 minutes.": "Zu viele falsche Passwörter. Warten Sie 15 Minuten.",
  "The current password is not right.": "Das jetzige Passwort stimmt nicht.",
  "{email} is already somebody's address here.": "{email} ist hier schon die Adresse von jemandem.",
  "Codes are asked for already. Take them away first.":
    "Codes werden schon abgefragt. Schalten Sie sie zuerst ab.",
  "The code is not right. Is the clock of the device that shows it?":
    "Der Code stimmt nicht. Geht die Uhr des Geräts richtig, das ihn zeigt?",
  "A key is one sign, letters in lower case, or a name such as ArrowLeft or F2; the digits 1 to 9 are the verdict.":
    "Eine Taste ist ein Zeichen, Buchstaben klein, oder ein Name wie ArrowLeft oder F2; die Ziffern 1 bis 9 sind das Urteil.",
  "Escape closes and Tab moves the focus: take another key.":
    "Escape schließt, und Tab bewegt den Fokus: Nehmen Sie eine andere Taste.",
  "0 is a rating, or the tenth rank, where a task has one: take another key.":
    "0 ist eine Bewertung oder der zehnte Rang, wo eine Aufgabe das hat: Nehmen Sie eine andere Taste.",
  "Sign in first.": "Melden Sie sich zuerst an.",
  "The project was not found.": "Das Projekt wurde nicht gefunden.",
  "The disk is full: an admin has to free some room. Nothing was changed.":
    "Der Speicherplatz ist voll: Die Administration muss Platz schaffen. Nichts wurde geändert.",
  "The database is away for a moment. Send the request again.":
    "Die Datenbank ist kurz nicht erreichbar. Senden Sie die Anfrage noch einmal.",
  "Something went wrong here. The log of the site says what.":
    "Hier ist etwas schiefgegangen. Das Protokoll der Site sagt, was.",
};
