def minimize(model, data, algo, max_evals, trials):
    return None, None
