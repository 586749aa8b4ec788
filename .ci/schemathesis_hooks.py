"""Names that the service tells are tried in requests. One that asks for the queue model `simulated` takes seconds, or all the time there is:
it asks for another. What `simulated` answers is held against the schemas by the tests of the routes."""

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    body = case.body
    if not isinstance(body, dict):
        return
    for place in [body, *(run for run in body.get("runs") or [] if isinstance(run, dict))]:
        model = place.get("queueModel")
        if model == "simulated":
            place["queueModel"] = "iteration"
        elif isinstance(model, dict) and model.get("name") == "simulated":
            place["queueModel"] = {**model, "name": "iteration", "options": {}} if "options" in model else {"name": "iteration"}
