"""A long job: how far it is, stop it, start it again."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from keywork import jobs
from keywork.access import KeyworkRequest, get_visible_or_404, signed_in
from keywork.home.import_jobs import files_of, page_after, page_before
from keywork.home.tasks import send_job
from keywork.models import Job


@require_safe
@signed_in
def job(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Show how far a job is; when it is done, go to what it made. htmx gets the part that moves.

    said: what was announced last, so that nothing is announced twice.
    """
    found = get_visible_or_404(Job, request.viewer, ref=ref)
    if found.state == Job.State.DONE:
        target = page_after(found)
        return HttpResponseClientRedirect(target) if request.htmx else redirect(target)
    status = _status(found)
    said = slugify(status)
    context = {
        "job": found,
        "status": status,
        "announce": said != request.GET.get("said"),
        "poll_url": f"{reverse('job', args=[found.ref])}?said={said}",
        "stuck": found.is_stuck(request.viewer.now),
        "files": files_of(found),
        "back_url": page_before(found),
    }
    template = "home/jobs/part.html" if request.htmx else "home/jobs/job.html"
    return render(request, template, context)


def _status(job: Job) -> str:
    """Say in words, for those who hear it, how far a job is; new words each tenth."""
    if job.state != Job.State.RUNNING or not job.total:
        return job.get_state_display()
    return f"{job.done * 10 // job.total * 10} % of {job.noun}"


@require_POST
@signed_in
def job_cancel(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Stop a job."""
    found = get_visible_or_404(Job, request.viewer, ref=ref)
    jobs.cancel(job=found, now=request.viewer.now)
    return redirect("job", found.ref)


@require_POST
@signed_in
def job_again(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Start a job once more that failed, was cancelled or whose worker died."""
    found = get_visible_or_404(Job, request.viewer, ref=ref)
    if not jobs.ask_again(job=found, now=request.viewer.now, send=send_job):
        messages.info(request, "It is at work already.")
    return redirect("job", found.ref)
