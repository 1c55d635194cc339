"""Three hundred tools as MCP servers bring them: made up for this bench, in the manner of what servers of their kind
have. A line is a tool: its name, its arguments, and what it says of itself; English alone, as nearly always."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from plugins import Effect, Plugin, Tool

_SERVERS = {
    "github": """
create_issue(owner, repo, title, body, labels) Open a new issue in a repository.
update_issue(owner, repo, number, state, title) Change an issue: its title, body, labels or state (open, closed).
list_issues(owner, repo, state, labels) List the issues of a repository.
get_issue(owner, repo, number) Get one issue with its body.
add_issue_comment(owner, repo, number, body) Comment on an issue.
search_issues(query, sort) Search issues and pull requests across repositories.
create_pull_request(owner, repo, title, head, base) Open a pull request from a branch.
list_pull_requests(owner, repo, state) List the pull requests of a repository.
get_pull_request_diff(owner, repo, number) Get the diff of a pull request.
merge_pull_request(owner, repo, number, method) Merge a pull request.
create_review(owner, repo, number, event, comments) Submit a review on a pull request.
create_branch(owner, repo, branch, from_branch) Create a branch.
list_commits(owner, repo, branch) List the commits of a branch.
search_code(query) Search code across repositories.
get_file_contents(owner, repo, path, ref) Get the contents of a file in a repository.
push_files(owner, repo, branch, files, message) Push several files in one commit.
fork_repository(owner, repo) Fork a repository into an account.
create_repository(name, private) Create a new repository.
create_release(owner, repo, tag, notes) Publish a release with a tag and notes.
list_workflow_runs(owner, repo, workflow) List the runs of a CI workflow.
rerun_workflow(owner, repo, run_id) Run a failed CI workflow again.
star_repository(owner, repo) Star a repository.
""",
    "jira": """
create_ticket(project, summary, description, type) Create a Jira ticket in a project.
transition_ticket(key, status) Move a ticket to another status of its workflow.
assign_ticket(key, assignee) Assign a ticket to a person.
search_tickets(jql) Search tickets by JQL.
get_ticket(key) Get a ticket with its fields and comments.
comment_ticket(key, body) Add a comment to a ticket.
link_tickets(inward, outward, type) Link two tickets.
log_work(key, time_spent) Log time that was spent on a ticket.
list_sprints(board) List the sprints of a board.
move_to_sprint(key, sprint) Put a ticket into a sprint.
list_projects() List all projects.
""",
    "slack": """
post_message(channel, text, thread) Post a message to a Slack channel or thread.
send_direct_message(user, text) Send a direct message to a user.
list_channels() List the channels of the workspace.
get_channel_history(channel, limit) Get the latest messages of a channel.
search_messages(query) Search messages.
add_reaction(channel, timestamp, emoji) Add an emoji reaction to a message.
upload_file(channel, path, title) Upload a file to a channel.
create_channel(name, private) Create a channel.
invite_to_channel(channel, users) Invite people to a channel.
set_status(text, emoji) Set your own status.
schedule_message(channel, text, at) Schedule a message to be posted later.
list_users() List the members of the workspace.
""",
    "mail": """
send_email(to, subject, body, attachments) Send an email.
draft_email(to, subject, body) Save an email as a draft.
search_emails(query, folder) Search the mailbox for emails.
read_email(id) Read one email with its attachments.
reply_email(id, body) Reply to an email.
forward_email(id, to) Forward an email to others.
move_email(id, folder) Move an email to a folder.
delete_email(id) Delete an email.
mark_email_read(id) Mark an email as read.
list_mail_folders() List the folders of the mailbox.
create_mail_filter(criteria, action) Create a filter for incoming mail.
download_attachment(id, name, path) Save an attachment to a file.
""",
    "calendar": """
create_event(title, start, end, attendees, place) Create an event in the calendar and invite people.
list_events(start, end) List the events between two times.
update_event(id, start, end, title) Change an event, or move it to another time.
delete_event(id) Cancel an event.
find_free_slots(people, duration, start, end) Find times at which everyone is free.
respond_to_invitation(id, answer) Accept or decline an invitation.
list_calendars() List all calendars.
set_working_hours(days, start, end) Set working hours.
""",
    "drive": """
drive_search(query) Search files in the cloud drive.
drive_read(id) Read a document of the drive as text.
drive_upload(path, folder) Upload a local file to the drive.
drive_share(id, email, role) Share a file with somebody, and with which rights.
drive_move(id, folder) Move a file of the drive to another folder.
drive_create_folder(name, parent) Create a folder in the drive.
drive_export(id, format) Export a document as PDF, DOCX or CSV.
drive_list(folder) List a folder of the drive.
drive_trash(id) Put a file of the drive into the trash.
drive_permissions(id) List who may see a file.
""",
    "sheets": """
read_range(spreadsheet, range) Read the cells of a range of a spreadsheet.
write_range(spreadsheet, range, values) Write values into a range of cells.
append_rows(spreadsheet, sheet, rows) Append rows to a sheet.
create_spreadsheet(title) Create a spreadsheet.
add_sheet(spreadsheet, title) Add a sheet to a spreadsheet.
format_cells(spreadsheet, range, format) Format cells: bold, colours, number formats.
create_chart(spreadsheet, range, kind) Create a chart from a range of a spreadsheet.
sort_range(spreadsheet, range, column) Sort a range by a column.
set_formula(spreadsheet, cell, formula) Set the formula of a cell.
""",
    "notion": """
notion_search(query) Search pages and databases in Notion.
notion_get_page(id) Get a page with its blocks.
notion_create_page(parent, title, content) Create a page.
notion_update_page(id, properties) Update the properties of a page.
notion_append_blocks(id, blocks) Append blocks to a page.
notion_query_database(id, filter, sort) Query a database with a filter.
notion_add_database_row(id, properties) Add a row to a database.
notion_comment(id, text) Comment on a page.
notion_archive_page(id) Archive a page.
""",
    "postgres": """
run_sql(query) Run a read-only SQL query on the Postgres database.
list_tables(schema) List the tables of a schema.
describe_table(table) Describe the columns, types and keys of a table.
explain_query(query) Explain the plan of a SQL query.
execute_statement(statement) Execute a statement that changes rows: insert, update, delete.
list_indexes(table) List the indexes of a table.
create_index(table, columns) Create an index.
slow_queries(limit) List the slowest queries.
dump_table(table, path) Dump a table into a file, as a backup.
vacuum_table(table) Vacuum and analyse a table.
active_connections() List the connections of the database server.
""",
    "redis": """
redis_get(key) Get the value of a key.
redis_set(key, value, ttl) Set a key, with a time to live.
redis_delete(key) Delete a key.
redis_scan(pattern) List the keys that match a pattern.
redis_info() Memory, clients and statistics of the server.
redis_flush(db) Flush all keys of a cache.
redis_expire(key, seconds) Set when a key expires.
""",
    "kubernetes": """
list_pods(namespace) List the pods of a namespace.
get_pod_logs(pod, namespace, tail) Get the logs of a pod.
describe_pod(pod, namespace) Describe a pod with its events.
delete_pod(pod, namespace) Delete a pod, so that it is started anew.
scale_deployment(name, namespace, replicas) Scale a deployment to a number of replicas.
rollout_restart(name, namespace) Restart a deployment.
rollout_undo(name, namespace) Roll a deployment back to its last version.
apply_manifest(yaml) Apply a manifest to the cluster.
list_services(namespace) List the services of a namespace.
get_nodes() List the nodes of the cluster with their load.
exec_in_pod(pod, command) Execute a command in a pod.
port_forward(pod, port) Forward a local port to a pod.
list_namespaces() List namespaces.
""",
    "docker": """
list_containers(all) List Docker containers.
start_container(name) Start a container.
stop_container(name) Stop a container.
container_logs(name, tail) Show what a container wrote.
build_image(path, tag) Build an image from a Dockerfile.
push_image(tag) Push an image to a registry.
pull_image(tag) Pull an image from a registry.
remove_container(name) Remove a container.
compose_up(file) Start the services of a compose file.
prune_images() Remove unused images.
""",
    "cloud": """
s3_list_objects(bucket, prefix) List the objects of a bucket.
s3_get_object(bucket, key, path) Download an object of a bucket to a file.
s3_put_object(bucket, key, path) Upload a file to a bucket.
s3_delete_object(bucket, key) Delete an object.
ec2_list_instances(region) List virtual machines with their state.
ec2_start_instance(id) Start a virtual machine.
ec2_stop_instance(id) Stop a virtual machine.
lambda_invoke(name, payload) Invoke a function.
lambda_list_functions() List functions.
cloudwatch_query_logs(group, query, start, end) Query the logs of a group.
cloudwatch_get_metric(name, start, end) Get the values of a metric over time.
iam_list_users() List the users of the account.
iam_attach_policy(user, policy) Attach a policy to a user.
route53_update_record(zone, name, type, value) Change a DNS record.
cost_report(start, end) What the cloud account cost, by service.
secrets_get(name) Get a secret by its name.
""",
    "sentry": """
list_errors(project, since) List the errors that an application reported.
get_error(id) Get an error with its stack trace.
resolve_error(id) Mark an error as resolved.
error_trend(project, days) How often errors occurred, day by day.
assign_error(id, person) Assign an error to a person.
""",
    "pager": """
list_incidents(status) List incidents and alerts.
acknowledge_incident(id) Acknowledge an incident.
resolve_incident(id) Resolve an incident.
who_is_on_call(team) Tell who is on call for a team.
trigger_incident(service, title) Page the person on call with a new incident.
override_schedule(schedule, person, start, end) Put somebody else on call for a while.
""",
    "grafana": """
query_metrics(expression, start, end) Query Prometheus metrics with PromQL.
list_dashboards(query) List dashboards.
render_panel(dashboard, panel) Render a panel of a dashboard as an image.
create_alert_rule(expression, threshold) Create an alert rule.
silence_alert(matcher, duration) Silence an alert for some time.
""",
    "stripe": """
create_invoice(customer, items) Create an invoice for a customer.
send_invoice(id) Send an invoice to its customer.
refund_payment(payment, amount) Refund a payment in whole or in part.
list_payments(customer, since) List payments.
create_customer(name, email) Create a customer record for billing.
list_subscriptions(status) List subscriptions.
cancel_subscription(id) Cancel a subscription.
create_payment_link(price) Create a link by which somebody can pay.
get_balance() Get the balance of the account.
list_disputes() List disputed charges.
create_coupon(percent_off) Create a discount coupon.
""",
    "shop": """
list_orders(status, since) List the orders of the shop.
get_order(id) Get an order with its items and shipping address.
fulfil_order(id, tracking) Mark an order as shipped, with its tracking number.
update_inventory(sku, quantity) Set how many of a product are in stock.
list_products(query) List the products of the shop.
create_product(title, price, description) Add a product to the shop.
update_price(sku, price) Change the price of a product.
list_reviews(sku) List customers' reviews of a product.
create_discount(code, percent) Create a discount code.
""",
    "crm": """
find_contact(name, email) Find a contact in the CRM.
create_contact(name, email, company) Create a contact.
update_deal(id, stage, amount) Change the stage or amount of a deal.
create_deal(contact, title, amount) Create a deal in the sales pipeline.
list_deals(stage) List deals by stage.
log_call(contact, notes) Log a phone call with a contact.
add_company(name, domain) Add a company.
list_activities(contact) List what was done with a contact.
merge_contacts(first, second) Merge two records of the same contact.
""",
    "maps": """
geocode(address) Turn an address into coordinates.
reverse_geocode(latitude, longitude) Turn coordinates into an address.
directions(origin, destination, mode) Directions between two places by car, foot, bicycle or public transport.
distance_matrix(origins, destinations) Distances and travel times between places.
search_places(query, near) Search places such as restaurants near a location.
place_details(id) Opening hours, phone and reviews of a place.
elevation(latitude, longitude) Elevation of a point.
static_map(center, zoom) A picture of a map.
""",
    "weather": """
current_weather(city) The weather in a city now.
weather_forecast(city, days) The forecast for the coming days: temperature, rain, wind.
weather_alerts(region) Official warnings for a region.
air_quality(city) The air quality index of a city.
historical_weather(city, date) The weather on a day in the past.
""",
    "travel": """
search_flights(origin, destination, date) Search flights between airports.
search_hotels(city, check_in, check_out) Search hotels.
book_hotel(id, guests) Book a hotel room.
search_trains(origin, destination, date) Search train connections.
flight_status(number) Whether a flight is on time.
visa_requirements(nationality, destination) Which visa a traveller needs.
rent_car(city, start, end) Find rental cars.
""",
    "finance": """
stock_quote(symbol) The latest quote of a stock.
stock_history(symbol, start, end) Daily prices of a stock.
exchange_rate(base, target, date) The exchange rate between two currencies.
convert_currency(amount, base, target) Convert an amount of money into another currency.
crypto_price(coin) The price of a cryptocurrency.
company_filings(ticker) Filings of a company.
earnings_calendar(week) Which companies report when.
""",
    "browser": """
browser_navigate(url) Open a page in the browser.
browser_click(selector) Click an element of the page.
browser_type(selector, text) Type text into a field of the page.
browser_screenshot(full) Take a screenshot of the page.
browser_fill_form(fields) Fill in a form of the page.
browser_evaluate(script) Evaluate JavaScript in the page.
browser_snapshot() The accessibility tree of the page.
browser_wait_for(selector) Wait for an element.
browser_back() Go back.
browser_pdf(path) Save the page as a PDF.
browser_network_requests() List the network requests of the page.
browser_select_option(selector, value) Select an option of a list.
""",
    "figma": """
figma_get_file(key) Get a design file.
figma_export_frame(key, node, format) Export a frame of a design as an image.
figma_list_components(key) List the components of a library.
figma_get_comments(key) Get the comments on a design.
figma_post_comment(key, text) Post a comment on a design.
figma_get_styles(key) Colours and text styles of a design.
""",
    "music": """
play_track(query) Play a song.
pause_playback() Pause the music.
next_track() Skip to the next song.
create_playlist(name) Create a playlist.
add_to_playlist(playlist, track) Add a song to a playlist.
search_music(query) Search songs, albums and artists.
set_volume(percent) Set the volume.
recommend_tracks(seeds) Recommend songs.
""",
    "home": """
turn_on(entity) Turn a device on: a light, a switch, a fan.
turn_off(entity) Turn a device off.
set_temperature(room, degrees) Set the thermostat of a room.
lock_door(door) Lock a door.
unlock_door(door) Unlock a door.
list_devices() List the devices of the home.
camera_snapshot(camera) Take a picture with a camera of the house.
set_light_color(light, color) Set the colour and brightness of a light.
start_vacuum(room) Let the robot vacuum clean a room.
open_blinds(room, percent) Open or close the blinds.
run_scene(name) Run a scene.
energy_usage(days) How much energy the home used.
""",
    "papers": """
search_papers(query, since) Search scientific papers.
get_paper(id) Title, authors and abstract of a paper.
download_paper(id, path) Download the PDF of a paper.
get_citations(id) Which papers cite a paper.
get_references(id) Which papers a paper cites.
author_papers(author) The papers of an author.
export_bibtex(ids) Export references as BibTeX.
""",
    "language": """
translate_text(text, target, source) Translate a text into another language.
detect_language(text) Tell the language of a text.
check_grammar(text, language) Check spelling and grammar.
define_word(word, language) Define a word.
find_synonyms(word) Synonyms of a word.
list_languages() Which languages can be translated.
""",
    "speech": """
transcribe_audio(path, language) Turn a recording into text.
synthesize_speech(text, voice, path) Read a text aloud into an audio file.
list_voices() List voices.
identify_speakers(path) Tell who speaks when in a recording.
""",
    "media": """
convert_video(path, format) Convert a video into another format.
trim_video(path, start, end) Cut a piece out of a video.
extract_audio(path) Extract the sound of a video.
resize_image(path, width, height) Resize an image.
crop_image(path, box) Crop an image.
remove_background(path) Remove the background of a photo.
read_text_in_image(path) Recognise the text in an image (OCR).
make_qrcode(text, path) Make a QR code.
image_metadata(path) Camera, date and place of a photo.
video_captions(path) Make captions for a video.
""",
    "time": """
current_time(timezone) The current time in a time zone.
convert_time(time, source, target) Convert a time between time zones.
count_days(start, end) Count the days between two dates.
public_holidays(country, year) The public holidays of a country.
""",
    "archive": """
zip_files(paths, target) Pack files into a ZIP archive.
unzip_file(path, folder) Unpack an archive.
file_checksum(path, algorithm) The checksum of a file.
encrypt_file(path, recipient) Encrypt a file.
decrypt_file(path) Decrypt a file.
""",
    "people": """
find_employee(name) Find an employee in the directory.
request_leave(start, end, kind) Request days of vacation or sick leave.
list_absences(team) Who of a team is away.
get_payslip(month) Get a payslip.
org_chart(team) The organisation chart of a team.
submit_expense(amount, receipt, purpose) Submit an expense for reimbursement.
""",
    "git": """
git_status(repo) Show the working tree status.
git_diff(repo, target) Show differences between commits or branches.
git_commit(repo, message) Record the staged changes.
git_log(repo, limit) Show the commit log.
git_checkout(repo, branch) Switch branches.
git_add(repo, files) Stage files.
git_blame(repo, path) Who changed each line of a file.
git_stash(repo) Stash changes.
""",
}


def servers() -> Iterator[tuple[str, list[Tool]]]:
    """Each server with its tools."""
    for server, lines in _SERVERS.items():
        yield server, [_tool(line) for line in lines.strip().splitlines()]


def plugins() -> list[Plugin]:
    """Each server as the toolbox takes it."""
    return [Plugin(name=name, origin=f"mcp:{name}", tools=tuple(tools)) for name, tools in servers()]


def _tool(line: str) -> Tool:
    head, _, description = line.partition(") ")
    name, _, listed = head.partition("(")
    arguments = [one.strip() for one in listed.split(",") if one.strip()]
    properties: dict[str, Any] = {one: {"type": "string", "description": _about(one)} for one in arguments}
    return Tool(
        name=name,
        description=description,
        parameters={"type": "object", "properties": properties, "required": arguments[:2]},
        effect=Effect.SEND,
        function=_refused,
    )


def _about(argument: str) -> str:
    return f"The {argument.replace('_', ' ')}."


def _refused(**_: Any) -> str:
    return "done"
