"""The codes that may stand in the files of a site; each has words in locales/responses/sites.yml."""

OFFICES = ("agentur", "jobcenter", "sozialamt", "auslaenderbehoerde")
GROUPS = ("aufenthaltsgestattung", "duldung", "humanitarian_title", "good_prospect_to_stay", "recognised")
WHO = ("change_to_sgb2", "everyone_else")
SERVICES = (
    "advice_at_immigration_office",
    "case_management_work_and_language",
    "first_benefit_application",
    "immigration_office_hotline",
    "integration_guides",
    "integration_measures",
    "joint_case_work",
    "joint_consultation_hours",
    "language_courses",
    "measures_go_on",
    "modular_qualification",
    "multilingual_leaflets",
    "multilingual_staff",
    "municipal_integration_centre",
    "placement",
    "recognition",
    "same_adviser_after_change",
    "services_on_site",
    "skills_assessment",
    "training_placement",
    "travel_costs_sgb2",
    "work_and_training",
)
# What people ask about the house and the waiting there.
HOUSE = ("step_free", "parking", "play_corner", "letterbox", "queue_number")
# What an office offers employers.
EMPLOYERS = (
    "aftercare",
    "employer_service",
    "entry_qualification",
    "internships",
    "matching",
    "newsletter",
    "round_table",
    "work_and_course",
    "workshop_assessment",
)
# Where the money of SGB II is applied for.
BENEFITS = ("first_application_here", "jobcenter_of_the_town")
FORMS = ("joint", "own", "none")
FIELDS_FROM = ("office", "draft")
FIELDS = (
    "name_and_birth",
    "address",
    "residence_paper",
    "paper_since",
    "nationality",
    "languages",
    "german_level",
    "school",
    "occupation",
    "work_experience",
    "children",
    "health_limits",
    "wish",
)
NEEDED = ("always", "optional")
CONSENT_DATA = ("integration_data", "contact_data", "course_data", "work_data")
WAYS = ("agreed", "same_adviser")
STARTS = ("positive_decision", "benefit_change")
HANDED_ON = ("handover_note", "cv", "application_papers", "recognition_papers", "intake_form")
PERSON_GETS = ("jobcenter_application", "child_benefit_application")
BENEFIT_ENDS = ("when_granted",)
ADVISER = ("stays", "changes")
LEAVES = ("vocational_german_begins", "twelve_months", "work_begins")
