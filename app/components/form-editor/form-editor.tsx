"use client";
import { Plus } from "lucide-react";
import { useState } from "react";
import { formSchema, type Question, type QuestionType, questionTypes } from "@/server/form/schema";
import { componentOf } from "../question";
import { Button } from "../ui/button";
import { Menu, MenuItem } from "../ui/menu";
import { newQuestion } from "./new-question";
import { type Instructions, Preview } from "./preview";
import { QuestionCard } from "./question-card";

interface FormEditorProps {
  saved: readonly Question[];
  version: number;
  /** What raters read when they skip or flag. */
  instructions: Instructions;
  isSaving: boolean;
  /** Why the last save was refused. */
  error: string | undefined;
  onSave: (questions: Question[]) => void;
}

/** The questions at the left, the desk as raters will see it at the right, live. */
export function FormEditor({ saved, version, instructions, isSaving, error, onSave }: FormEditorProps) {
  const [questions, setQuestions] = useState<readonly Question[]>(saved);
  const parsed = formSchema.safeParse(questions);
  const problems = parsed.error?.issues ?? [];
  const isChanged = JSON.stringify(questions) !== JSON.stringify(saved);
  // The id of a new question may still change while it is typed.
  const entries = questions.map((question, index) => {
    const isNew = !saved.some(({ id }) => id === question.id);
    return { question, isNew, key: isNew ? `new ${index}` : question.id };
  });
  const change = (index: number, question: Question) =>
    setQuestions((all) => all.map((old, at) => (at === index ? question : old)));
  const move = (index: number, by: number) =>
    setQuestions((all) => {
      const question = all[index];
      if (!question) return all;
      const rest = all.filter((_, at) => at !== index);
      return rest.toSpliced(index + by, 0, question);
    });
  const add = (type: QuestionType) => setQuestions((all) => [...all, newQuestion(type, all)]);
  return (
    <div className="flex h-full min-h-0 flex-col lg:flex-row">
      <div className="scroll-thin flex shrink-0 flex-col gap-3 px-4 py-5 md:px-6 lg:w-[28rem] lg:overflow-y-auto">
        <div className="flex flex-wrap items-center gap-2">
          <Button
            variant="primary"
            disabled={!isChanged || !parsed.success}
            busy={isSaving}
            onClick={() => parsed.success && onSave(parsed.data)}
          >
            Save as version {version + 1}
          </Button>
          {isChanged && (
            <Button variant="ghost" onClick={() => setQuestions(saved)}>
              Discard
            </Button>
          )}
          <p className="text-sm text-muted">
            {isChanged ? "Not saved yet." : `Version ${version} is in force.`}
          </p>
        </div>
        {error && (
          <p role="alert" className="rounded-md bg-bad-wash px-3 py-2 text-sm text-bad">
            {error}
          </p>
        )}
        <ol className="flex flex-col gap-2">
          {entries.map(({ question, key, isNew }, index) => (
            <QuestionCard
              key={key}
              question={question}
              isNew={isNew}
              problems={problems
                .filter(({ path }) => path[0] === index)
                .map(({ path, message }) => ({ field: path.slice(1).join("."), message }))}
              isFirst={index === 0}
              isLast={index === questions.length - 1}
              onChange={(changed) => change(index, changed)}
              onMove={(by) => move(index, by)}
              onRemove={() => setQuestions((all) => all.filter((_, at) => at !== index))}
            />
          ))}
        </ol>
        {problems
          .filter(({ path }) => path.length === 0)
          .map(({ message }) => (
            <p key={message} role="alert" className="text-sm text-bad">
              {message}
            </p>
          ))}
        <Menu
          trigger={
            <Button className="self-start">
              <Plus aria-hidden="true" />
              Add a question
            </Button>
          }
        >
          {questionTypes.map((type) => (
            <MenuItem key={type} onSelect={() => add(type)}>
              {componentOf(type).name}
            </MenuItem>
          ))}
        </Menu>
      </div>
      <div className="flex min-h-[40rem] min-w-0 flex-1 flex-col border-t lg:min-h-0 lg:border-s lg:border-t-0">
        {parsed.success ? (
          <Preview questions={parsed.data} instructions={instructions} />
        ) : (
          <p className="p-6 text-sm text-muted">The desk appears here again once the form is complete.</p>
        )}
      </div>
    </div>
  );
}
