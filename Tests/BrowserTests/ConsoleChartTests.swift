import Testing

/// Charts of a page are looked at together.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ConsoleChartTests {
    private static let burnDown = ".burn canvas"
    /// What the legend of the burn-down says is left.
    private static let left =
        "[...document.querySelectorAll('.burn .legend > span')].find(one => one.children[1].textContent === 'phone-x')?.children[2].textContent"

    @Test func oneMomentIsShownInAllChartsOfAPage() async throws {
        try await withConsole { console in
            try await withBrowser { browser in
                try await console.signIn(browser, as: "wall", at: "#/sales/demo")
                try await noteCrosshairs(browser)
                // The shortest window: its seconds are the widest.
                try await browser.click(".windows button")
                try await browser.waits(for: "\(Self.left) === '1000'")
                try await console.buy(1)
                try await browser.waits(for: "\(Self.left) === '999'")
                #expect(try await browser.run("return window.crosshairs.size") as? Int == 0)

                try await goBack(browser, until: "1000")
                let areInAll =
                    """
                    (places => places.length === 4 && places.every(Number.isFinite) && Math.max(...places) - Math.min(...places) < 2)
                        ([...document.querySelectorAll('canvas')].map(canvas => window.crosshairs.get(canvas)))
                    """
                try await browser.waits(for: areInAll)
                try await Screens.keep(browser, "console-crosshair")

                try await browser.point(at: "h1")
                try await browser.waits(for: "window.crosshairs.size === 0 && \(Self.left) === '999'")

                // Another chart leads as well: at its left end nobody had bought yet.
                try await browser.point(at: ".line canvas", right: -200)
                try await browser.waits(for: areInAll)
                try await browser.waits(for: "['', '1000'].includes(\(Self.left))")
            }
        }
    }

    /// From now on the page keeps where each canvas has its crosshair, which is the only line of
    /// these dashes; what is cleared has none.
    private func noteCrosshairs(_ browser: Browser) async throws {
        try await browser.run(
            """
            const drawing = CanvasRenderingContext2D.prototype;
            const { clearRect, moveTo } = drawing;
            window.crosshairs = new Map();
            drawing.clearRect = function (...box) {
                window.crosshairs.delete(this.canvas);
                clearRect.apply(this, box);
            };
            drawing.moveTo = function (x, y) {
                if (this.getLineDash().join() === "3,3") window.crosshairs.set(this.canvas, x);
                moveTo.call(this, x, y);
            };
            """)
    }

    /// The mouse goes back in time along the burn-down until the legend says so.
    private func goBack(_ browser: Browser, until left: String) async throws {
        let half = try await browser.run("return Math.floor(document.querySelector('\(Self.burnDown)').clientWidth / 2)") as? Int ?? 0
        for offset in stride(from: half - 1, to: -half, by: -8) {
            try await browser.point(at: Self.burnDown, right: offset)
            if try await browser.run("return \(Self.left)") as? String == left { return }
        }
        Issue.record("at no moment of the chart \(left) units are left")
    }
}
