"use client";
import { useState } from "react";
import type { Operation } from "./operation";
import { ShapeCode } from "./shape-code";
import { Try } from "./try";

/** One operation: closed, a line; open, its shapes and its form. */
export function OperationView({ operation, address }: { operation: Operation; address: string }) {
  // A hundred forms that nobody opened are not made.
  const [isOpen, setIsOpen] = useState(false);
  const { id, method, path, summary, body, answers, refusals } = operation;
  return (
    <details
      id={id}
      className="scroll-mt-4 rounded-md border border-line bg-surface px-3 py-2"
      onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}
    >
      <summary className="cursor-pointer break-words">
        <code className="font-semibold">{method}</code> <code className="break-all">{path}</code>{" "}
        <span className="text-muted">{summary}</span>
      </summary>
      {isOpen && (
        <div className="mt-3 grid min-w-0 gap-6 lg:grid-cols-2">
          <div className="flex min-w-0 flex-col gap-3">
            {body?.shape && (
              <div>
                <h3 className="text-muted text-sm">Body</h3>
                <ShapeCode>{body.shape}</ShapeCode>
              </div>
            )}
            {body && !body.shape && (
              <p>
                The body is the file (<code>{body.media}</code>).
              </p>
            )}
            {answers.map((answer) => (
              <div key={answer.status}>
                <h3 className="text-muted text-sm">
                  {answer.status} {answer.description}
                  {answer.media && answer.media !== "application/json" && ` (${answer.media})`}
                </h3>
                {answer.shape && <ShapeCode>{answer.shape}</ShapeCode>}
              </div>
            ))}
            <p className="text-muted text-sm">
              Refusals: {refusals.join(", ")}, each a{" "}
              <a href="#schema-Problem" className="underline">
                problem document
              </a>
              .
            </p>
          </div>
          <Try operation={operation} address={address} />
        </div>
      )}
    </details>
  );
}
