CREATE TABLE "embedding" (
	"id" uuid PRIMARY KEY DEFAULT uuid7() NOT NULL,
	"project_id" uuid NOT NULL,
	"model_id" uuid NOT NULL,
	"prompt_id" uuid NOT NULL,
	"response_id" uuid,
	"vector" "bytea" NOT NULL,
	"x" real,
	"y" real,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "embedding_text" UNIQUE NULLS NOT DISTINCT("model_id","prompt_id","response_id")
);
--> statement-breakpoint
ALTER TABLE "embedding" ADD CONSTRAINT "embedding_project_id_project_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."project"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "embedding" ADD CONSTRAINT "embedding_model_id_model_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."model"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "embedding" ADD CONSTRAINT "embedding_prompt_id_prompt_id_fk" FOREIGN KEY ("prompt_id") REFERENCES "public"."prompt"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "embedding" ADD CONSTRAINT "embedding_response_id_response_id_fk" FOREIGN KEY ("response_id") REFERENCES "public"."response"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "embedding_model" ON "embedding" USING btree ("model_id","id");--> statement-breakpoint
CREATE INDEX "embedding_project" ON "embedding" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "embedding_prompt" ON "embedding" USING btree ("prompt_id");--> statement-breakpoint
CREATE INDEX "embedding_response" ON "embedding" USING btree ("response_id");