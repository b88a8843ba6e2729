"use client";
import { useEffect } from "react";
import { forgetTexts } from "../thread/kept-text";
import { forgetDesks } from "./kept";

/** On a page for strangers: the session is over, and what it kept to read here goes with it. */
export function ForgetDesks() {
  useEffect(() => {
    void forgetDesks();
    forgetTexts();
  }, []);
  return null;
}
