import pandas as pd

from runs.genomic_events import events_of


def test_events_go_by_the_names_of_lines_and_a_line_without_a_name_is_left_out():
    features = pd.DataFrame(
        {
            "COSMIC_ID": [7, 8, 99],
            "TISSUE_FACTOR": ["skin", "breast", "lung"],
            "MSI_FACTOR": [0, 1, 0],
            "BRAF_mut": [1, 0, 1],
            "gain_cnaPANCAN1_(ERBB2)": [0, 1, 1],
        }
    )
    found = events_of(features, pd.DataFrame({"SAMPLE_NAME": ["A375", "SK-BR-3"], "COSMIC_ID": [7, 8]}))
    assert found.lines == ("A375", "SK-BR-3")
    assert found.tissue == ("skin", "breast")
    assert found.events == ("BRAF_mut", "gain_cnaPANCAN1_(ERBB2)")
    assert found.present.tolist() == [[True, False], [False, True]]
