"""Long commands that outlive the crew: started once, found again, ended by name.

A job is a folder. What lies in it can be read without crewboard:

    job.json       the command, where it runs, which attempt this is
    lock           held (flock) for as long as supervisor or command live
    running.json   both processes, by pid and birth: a recycled pid is not mistaken for them
    progress.json  how far the command says it is
    log.txt        all that was printed, over all attempts
    exit.json      how it ended; whoever finds it knows that the job is over

Not promised: that a job survives the end of its machine or of its control group (a container, a
systemd session that kills what a login leaves behind). It is then started again, as a new attempt.
"""
