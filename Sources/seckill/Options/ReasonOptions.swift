import ArgumentParser
import SaleService

struct ReasonOptions: ParsableArguments {
    @Option(help: "Why, in one line; it stands in `seckill history`.")
    var reason: String?

    func validate() throws {
        guard let reason, let violation = OperatorText.violations(of: reason, "--reason").first else { return }
        throw ValidationError("\(violation)")
    }
}
