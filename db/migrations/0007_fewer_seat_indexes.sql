DROP INDEX "assignment_task";--> statement-breakpoint
DROP INDEX "assignment_project_status";