import LoadModel
import LoadSupport

extension RunReport.Machine {
    /// The machine that the generator runs on.
    static var current: RunReport.Machine {
        RunReport.Machine(cpuModel: ThisMachine.cpuModel, cores: ThisMachine.cores, kernel: ThisMachine.kernel)
    }
}
