//! The page that every run and every grid ends in.

use std::fs;
use std::path::Path;

use predicates::prelude::*;
use vgae_artifacts::Metrics;

use crate::common::{karate, vgae};

fn run(pipeline: &Path, out: &Path) -> assert_cmd::assert::Assert {
    vgae().arg("run").arg(pipeline).arg("--out").arg(out).assert().success()
}

#[test]
fn a_run_ends_in_a_page_that_tells_its_numbers() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let out = folder.path().join("out");
    let pipeline = karate(folder.path(), "vgae*", 30);
    run(&pipeline, &out).stdout(predicate::str::contains("report.html"));
    let page = fs::read_to_string(out.join("report.html")).expect("a page");
    let metrics = Metrics::read(&out.join("metrics.json")).expect("metrics");
    let slices = metrics.slices.iter().enumerate();
    let slices = slices.map(|(at, slice)| (format!("slices.{at}"), &slice.metrics));
    let parts =
        [("test".to_owned(), &metrics.test), ("validation".to_owned(), &metrics.validation)];
    for (path, metrics) in parts.into_iter().chain(slices) {
        for (name, value) in [("auc", metrics.auc), ("ap", metrics.ap)] {
            let value = value.map(|value| format!(" data-value=\"{value}\"")).unwrap_or_default();
            let cell = format!("data-metric=\"{path}.{name}\"{value}>");
            assert!(page.contains(&cell), "{cell}");
        }
    }
    // The area under the drawn curve is the metric that eval counted.
    let areas: Vec<f64> = page
        .split("data-area=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().expect("closed").parse().expect("a number"))
        .collect();
    assert_eq!(areas.len(), 2);
    assert!((areas[0] - metrics.test.auc.expect("both classes")).abs() < 1e-12);
    assert!((areas[1] - metrics.test.ap.expect("both classes")).abs() < 1e-12);
    for plot in [
        "loss",
        "kl",
        "validation",
        "roc",
        "precision-recall",
        "scores",
        "degree-slices",
        "embedding",
    ] {
        let text = fs::read_to_string(out.join(format!("plots/{plot}.svg"))).expect("a plot");
        assert!(text.contains("xmlns=\"http://www.w3.org/2000/svg\""), "{plot}");
    }
    for elsewhere in ["src=\"http", "href=\"http", "url(", "@import"] {
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
    vgae().arg("verify").arg(&out).assert().success();
}

#[test]
fn the_page_is_made_again_when_it_must_be_and_only_then() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let out = folder.path().join("out");
    let pipeline = karate(folder.path(), "vgae*", 10);
    let page = out.join("report.html");
    run(&pipeline, &out);
    let first = fs::read_to_string(&page).expect("a page");
    let written = || fs::metadata(&page).and_then(|data| data.modified()).expect("a time");
    let before = written();

    run(&pipeline, &out).stdout(predicate::str::contains("nothing to do"));
    assert_eq!(written(), before, "nothing changed");
    fs::remove_file(&page).expect("removed");
    run(&pipeline, &out);
    assert_eq!(fs::read_to_string(&page).expect("a page"), first);
    vgae()
        .arg("report")
        .arg(&out)
        .assert()
        .success()
        .stdout(predicate::str::contains("report.html"));
    assert_eq!(
        fs::read_to_string(&page).expect("a page"),
        first,
        "the same artifacts, the same page"
    );

    // Killed between manifest and page, a run leaves the page of the run before; the next one sees it.
    let other = karate(folder.path(), "gae*", 12);
    run(&other, &out);
    let second = fs::read_to_string(&page).expect("a page");
    assert!(second.contains("GAE* on karate") && !second.contains("VGAE* on karate"));
    assert!(!out.join("plots/kl.svg").exists(), "no KL curve of the run before");
    fs::write(&page, first).expect("written");
    run(&other, &out).stdout(predicate::str::contains("nothing to do"));
    assert_eq!(fs::read_to_string(&page).expect("a page"), second);
}

#[test]
fn a_grid_ends_in_a_page_and_so_do_its_runs_if_asked() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let out = folder.path().join("grid");
    let pipeline = folder.path().join("grid.toml");
    let text = "[data]\ndataset = \"karate\"\n[model]\nepochs = 5\n[grid]\nmethods = [\"gae*\", \"vgae*\"]\nruns = 3\n";
    fs::write(&pipeline, text).expect("written");
    run(&pipeline, &out).stdout(predicate::str::contains("report.html"));
    let page = fs::read_to_string(out.join("report.html")).expect("a page");
    for run in ["karate-gae-star-s0", "karate-vgae-star-s2"] {
        let metrics =
            Metrics::read(&out.join("runs").join(run).join("metrics.json")).expect("metrics");
        assert!(page.contains(&format!("data-run=\"{run}\"")), "{run}");
        let percent = 100.0 * metrics.test.auc.expect("both classes");
        assert!(page.contains(&format!("data-run-metric=\"test_auc\" data-value=\"{percent}\"")));
        assert!(!out.join("runs").join(run).join("report.html").exists(), "one page a grid");
    }
    assert!(out.join("plots/cells-1-karate-test-auc.svg").exists());
    let one = out.join("runs/karate-gae-star-s1");
    vgae().arg("report").arg(&one).assert().success();
    assert!(one.join("report.html").exists());
    vgae().arg("verify").arg(&out).assert().success();
}

#[test]
fn two_runs_are_compared_on_one_page() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let out = |method: &str| folder.path().join(method.replace('*', "-star"));
    for method in ["vgae*", "gae*"] {
        run(&karate(folder.path(), method, 30), &out(method));
    }
    let spectral = folder.path().join("sc.toml");
    fs::write(
        &spectral,
        "[data]\ndataset = \"karate\"\n[model]\nmethod = \"sc\"\ndimensions = 8\n",
    )
    .expect("written");
    run(&spectral, &out("sc"));
    let compare = |a: &Path, b: &Path, to: &Path| {
        vgae().arg("report").arg(a).arg(b).arg("--out").arg(to).assert()
    };
    let both = folder.path().join("both");
    compare(&out("vgae*"), &out("gae*"), &both).success();
    let page = fs::read_to_string(both.join("report.html")).expect("a page");
    assert!(page.contains("same held-out data"));
    for (method, other) in [("vgae*", "gae*"), ("gae*", "vgae*")] {
        let metrics = Metrics::read(&out(method).join("metrics.json")).expect("metrics");
        let auc = 100.0 * metrics.test.auc.expect("both classes");
        assert!(page.contains(&format!("data-value=\"{auc}\"")), "{method}, not {other}: {auc}");
    }
    // Of the options only the method differs, and what follows from it.
    assert!(page.contains(">method<") && !page.contains(">split.test<"), "options");
    for plot in ["roc", "precision-recall", "validation"] {
        assert!(both.join(format!("plots/{plot}.svg")).exists(), "{plot}");
    }
    // A run without epochs has no curve of them, and the page of before is replaced.
    compare(&out("vgae*"), &out("sc"), &both).success();
    assert!(!both.join("plots/validation.svg").exists());

    compare(&out("sc"), &folder.path().join("none"), &both).failure();
    vgae().args(["report", "--out", "x"]).arg(out("sc")).assert().code(2);
    for method in ["vgae*", "gae*", "sc"] {
        vgae().arg("verify").arg(out(method)).assert().success();
    }
}

#[test]
fn a_folder_of_single_stages_has_a_page_and_a_strange_one_has_not() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let solo = folder.path().join("solo");
    vgae().args(["ingest", "--dataset", "karate"]).arg(&solo).assert().success();
    vgae().arg("report").arg(&solo).assert().success();
    vgae().arg("split").arg(&solo).assert().success();
    vgae().args(["train", "--method", "gae*", "--epochs", "5"]).arg(&solo).assert().success();
    vgae().arg("eval").arg(&solo).assert().success();
    vgae().arg("report").arg(&solo).assert().success();
    assert!(solo.join("plots/roc.svg").exists());

    let strange = vgae().arg("report").arg(folder.path()).assert().code(2);
    strange.stderr(predicate::str::contains("expected the folder of a run or of a grid"));
    vgae().arg("report").arg(folder.path().join("none")).assert().code(2);

    fs::write(solo.join("metrics.json"), "{").expect("damaged");
    let damaged = vgae().arg("report").arg(&solo).assert().code(1);
    damaged.stderr(predicate::str::contains("metrics.json"));
    fs::write(solo.join("report.html"), "<p>mine").expect("written");
    vgae().arg("eval").arg(&solo).assert().success();
    let own = vgae().arg("report").arg(&solo).assert().code(1);
    own.stderr(predicate::str::contains("a file of another program"));
}

/// A page or a plot that was cut short is made again, an empty page too.
#[test]
fn a_page_that_was_cut_short_is_made_again() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let out = folder.path().join("out");
    let pipeline = crate::common::karate(folder.path(), "vgae*", 5);
    run(&pipeline, &out);
    let whole = std::fs::read(out.join("report.html")).expect("a page");
    let plot =
        std::fs::read_dir(out.join("plots")).expect("plots").flatten().map(|plot| plot.path());
    let plot = plot.into_iter().find(|plot| plot.extension().is_some_and(|end| end == "svg"));
    let plot = plot.expect("a plot");
    let drawn = std::fs::read(&plot).expect("a plot");
    for (path, whole) in [(&out.join("report.html"), &whole), (&plot, &drawn)] {
        for length in [0, whole.len() / 2] {
            std::fs::write(path, &whole[..length]).expect("cut");
            run(&pipeline, &out);
            assert_eq!(&std::fs::read(path).expect("made again"), whole, "{}", path.display());
        }
    }
}
