"""What others wrote and Afterward uses: by which hash, under which licence, with which holes; and no secret of ours."""
