/* SPDX-License-Identifier: Apache-2.0 */
#include "src/cli.h"

int main(int argc, char **argv)
{
	(void)argc;
	return cli_main(argv);
}
